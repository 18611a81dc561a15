package inbox

import "filodiretto/internal/clock"

// InView reports whether a case, which the viewer may see, stands in a view as
// List would show it at the instant: an open page asks for one row and not for
// the list. Of ViewCopied, which no case tells by itself, see CameToo.
func (vw View) InView(v Viewer, c *Case, now clock.Instant) bool {
	live := c.Status == Open || c.Status == Waiting
	if vw == ViewMine {
		return live && c.AssigneeID == v.OperatorID && c.AssigneeID > 0
	}
	if vw == ViewCopied {
		return false
	}
	if vw != ViewAll && !v.Member(c.OfficeID) {
		return false
	}
	switch vw {
	case ViewUnassigned:
		return live && c.AssigneeID == 0
	case ViewDueSoon:
		return live && c.DueAt > 0 && c.DueAt >= now && c.DueAt < now.Add(DueSoon)
	case ViewOverdue:
		return live && c.DueAt > 0 && c.DueAt < now
	case ViewPEC:
		return live && c.Channel == "pec"
	case ViewComplaints:
		return live && c.Kind == Complaint
	case ViewWaiting:
		return c.Status == Waiting
	case ViewSnoozed:
		return c.Status == Snoozed
	case ViewFailed:
		return c.Failed
	case ViewClosed:
		return c.Status == Closed
	}
	return live
}
