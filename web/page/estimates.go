package page

// Estimates is the page that tells how well the promised waits of a site were kept.
type Estimates struct {
	Shell
	Site  int64
	Name  string // of the site
	Text  string // the span, in words
	Spans []ReportSpan
	Cards []ReportCard
	Parts []ReportPart
	// Few is why there are no figures yet, in words.
	Few string
}

func (Estimates) template() string { return "estimates" }
