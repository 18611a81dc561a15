package page

// Access is where operators change their own password and end what is still open
// elsewhere.
type Access struct {
	Shell
	Login  string
	Others int // sessions of this operator on other machines or browsers
	Faults []FieldFault
}

func (Access) template() string { return "access" }
