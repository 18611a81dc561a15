package inbox

// SeesCases is the condition on cases, under the alias given, that holds for what
// the viewer may see, for packages above that ask the tables themselves.
func (v Viewer) SeesCases(alias string) (where string, args []any) { return visible(v, alias) }
