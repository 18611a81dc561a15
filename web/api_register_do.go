package web

import (
	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/web/openapi"
)

// entryIn is what a program says to register a message.
type entryIn struct {
	Version    int64           `json:"version"`
	Sender     string          `json:"sender"`
	Recipients string          `json:"recipients"`
	Subject    string          `json:"subject"`
	Office     apiID           `json:"office"`
	Class      string          `json:"class"`
	Origin     register.Origin `json:"origin"`
	Number     string          `json:"number"`
	Date       string          `json:"date"`
	Code       string          `json:"code"`
	Area       string          `json:"area"`
	Sure       bool            `json:"sure"`
}

func (in entryIn) command(message, version int64) register.Command {
	return register.Command{
		MessageID: message, Version: version, Sender: in.Sender, Recipients: in.Recipients, Subject: in.Subject, OfficeID: int64(in.Office), Class: in.Class, Origin: in.Origin,
		Typed: register.Typed{Number: in.Number, Date: in.Date, Code: in.Code, Area: in.Area}, Sure: in.Sure,
	}
}

var entryInProps = []openapi.Prop{
	openapi.Req("class", openapi.Filled(40), "Of the titolario: VI.3. See /titolario."),
	openapi.Opt("sender", openapi.Text(1000), "Without it, the message's."),
	openapi.Opt("recipients", openapi.Text(20000), "Without it, the message's."),
	openapi.Opt("subject", openapi.Text(1000), "Without it, the message's, or the case's."),
	openapi.Opt("office", openapi.ID(), "To which it is assigned. Without it, the case's."),
	openapi.Opt("origin", originSchema, "The registration at the body that sent it."),
	openapi.Opt("number", openapi.Text(40), "Where numbers come from another program: 0001234, 1234/2026."),
	openapi.Opt("date", openapi.Text(10), "Of that registration: 2026-11-22. Without it, today."),
	openapi.Opt("code", openapi.Text(32), "Of that register. Without it, the configured one."),
	openapi.Opt("area", openapi.Text(32), "Code of the AOO. Without it, the configured one."),
	openapi.Opt("sure", openapi.Bool(), "Keep the number although another message has it."),
}

var standingVersion = openapi.Opt("version", openapi.Between(0, 1<<53), "Of the standing, as read; 0 where nobody asked for it. A newer one is 409. If-Match with the ETag says the same.")

func (a *api) registerOps() []apiOp {
	const tag = "register"
	filters := []openapi.Param{
		{Name: "q", In: "query", Schema: openapi.Text(200), Doc: "A number (1234, 1234/2026) or words of sender, recipients and subject."},
		{Name: "year", In: "query", Schema: openapi.Between(1990, 2999)},
		{Name: "direction", In: "query", Schema: openapi.OneOf(inbox.In, inbox.Out)},
		{Name: "office", In: "query", Schema: openapi.ID()},
		{Name: "class", In: "query", Schema: openapi.Text(40)},
		{Name: "day", In: "query", Schema: openapi.Text(10)},
	}
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/register", ID: "listRegister", Tag: tag, Scope: "read", Summary: "The entries of the protocol register, newest first",
			Doc: "What looks at contents (words, office, class) finds only entries of cases that the operator may see.", Params: append(filters, paging(200)...), Out: pageSchema(registrationSchema),
		}, apiRead(a.registerEntries)),
		op(openapi.Operation{
			Method: "GET", Path: "/register/due", ID: "listDue", Tag: tag, Scope: "read", Summary: "What must be registered and is not, oldest first", Params: paging(200), Out: pageSchema(dueSchema),
		}, apiRead(a.registerDueMessages)),
		op(openapi.Operation{Method: "GET", Path: "/register/{id}", ID: "getRegisterEntry", Tag: tag, Scope: "read", Summary: "One entry with the hashes of what it registers", Out: registrationFullSchema}, apiRead(a.registerEntryFull)),
		op(openapi.Operation{
			Method: "POST", Path: "/register/{id}/assign", ID: "assignRegisterEntry", Tag: tag, Scope: "write", Summary: "Give an entry another office or class; the earlier ones are kept",
			Body: openapi.Object(openapi.Req("office", openapi.ID(), ""), openapi.Req("class", openapi.Filled(40), ""), openapi.Req("seen", openapi.ID(), "Id of the assignment that held when it was read.")), Out: assignmentSchema,
		}, apiDo(a.registerReassign)),
		op(openapi.Operation{
			Method: "POST", Path: "/register/{id}/annul", ID: "annulRegisterEntry", Tag: tag, Scope: "write", Summary: "Take an entry out of force; it stays legible, and its message is due again", Doc: "Only a head may: of the case's office, or of a front office.",
			Body: openapi.Object(openapi.Req("reason", openapi.Filled(500), ""), openapi.Req("act", openapi.Filled(500), "That authorised it.")), Out: annulmentSchema,
		}, apiDo(a.registerAnnulled)),
		op(openapi.Operation{
			Method: "POST", Path: "/register/{id}/correct", ID: "correctRegisterEntry", Tag: tag, Scope: "write", Summary: "Write the typed number of an entry anew; the answer is the entry that stands for it",
			Body: openapi.Object(entryInProps...), Out: registrationFullSchema,
		}, apiDo(a.registerCorrected)),
		op(openapi.Operation{Method: "GET", Path: "/messages/{id}/register", ID: "getStanding", Tag: tag, Scope: "read", Summary: "Where a message stands with the register", Out: standingSchema}, apiRead(a.registerStanding)),
		op(openapi.Operation{
			Method: "POST", Path: "/messages/{id}/register", ID: "registerMessage", Tag: tag, Scope: "write", Summary: "Give a message its number, or note the one that another program gave it",
			Params: []openapi.Param{ifMatch}, Body: openapi.Object(append(entryInProps, standingVersion)...), OK: 201, Out: registrationFullSchema,
		}, apiDo(a.registerMessage)),
		op(openapi.Operation{
			Method: "POST", Path: "/messages/{id}/register/state", ID: "decideStanding", Tag: tag, Scope: "write", Summary: "Say that a message must be registered, or need not be",
			Params: []openapi.Param{ifMatch}, Body: openapi.Object(openapi.Req("state", openapi.OneOf(register.Due, register.NotNeeded), ""), openapi.Opt("reason", openapi.Text(500), "Needed for not_needed."), standingVersion), Out: standingSchema,
		}, apiDo(a.registerDecided)),
		op(openapi.Operation{
			Method: "GET", Path: "/titolario", ID: "listClasses", Tag: tag, Scope: "read", Summary: "The classes that may be chosen today",
			Out: openapi.Object(openapi.Req("items", openapi.List(openapi.Object(openapi.Req("code", openapi.Text(0), ""), openapi.Req("name", openapi.Text(0), ""), openapi.Req("title", openapi.Text(0), ""))), "")),
		}, apiRead(a.registerClasses)),
		op(openapi.Operation{
			Method: "GET", Path: "/daily-registers", ID: "listDailyRegisters", Tag: tag, Scope: "read", Summary: "The registers of the days that are closed, newest first", Params: paging(200), Out: pageSchema(dailySchema),
		}, apiRead(a.registerDailies)),
		op(openapi.Operation{
			Method: "GET", Path: "/daily-registers/{day}", ID: "getDailyRegister", Tag: tag, Scope: "read", Summary: "The file of a day, as CSV", Doc: "Where it tells of cases that the operator may not see, a copy without their contents.",
			Out: openapi.Bytes(), OutType: "application/octet-stream",
		}, apiRead(a.registerDaily)),
	}
}

func (a *api) registerEntries(q *apiCall) (apiPage[*apiRegistration], error) {
	f := register.Filter{
		Query: q.query("q"), Year: int(parseID(q.query("year"))), Direction: inbox.Direction(q.query("direction")), OfficeID: parseID(q.query("office")), Class: q.query("class"), Day: queue.Day(q.query("day")),
		Cursor: q.query("cursor"), Limit: q.limit(rowsOf),
	}
	lines, next, err := a.Register.List(q.ctx, q.Viewer, f)
	if err != nil {
		return apiPage[*apiRegistration]{}, err
	}
	out := make([]*apiRegistration, len(lines))
	for i, l := range lines {
		out[i] = q.viewEntry(l)
	}
	return pageOf(out, next), nil
}

func (a *api) registerDueMessages(q *apiCall) (apiPage[apiDueMessage], error) {
	list, next, err := a.Register.DueList(q.ctx, q.Viewer, parseID(q.query("cursor")), q.limit(rowsOf))
	if err != nil {
		return apiPage[apiDueMessage]{}, err
	}
	out := make([]apiDueMessage, len(list))
	for i, d := range list {
		out[i] = apiDueMessage{apiID(d.ID), d.Ref(), d.Channel, d.Direction, d.At, d.Subject, d.Sender, q.officeRef(d.OfficeID), d.Reason, d.Version}
	}
	return pageOf(out, idCursor(next)), nil
}

func (a *api) registerEntryFull(q *apiCall) (*apiRegistrationFull, error) {
	return a.entryFull(q, q.id("id"))
}

func (a *api) entryFull(q *apiCall, id int64) (*apiRegistrationFull, error) {
	v, err := a.Register.View(q.ctx, q.Viewer, id)
	if err != nil {
		return nil, err
	}
	out := &apiRegistrationFull{apiRegistration: q.viewEntry(v.Line), Origin: v.Line.OriginOf(), Documents: []apiRegistered{}, Assignments: []apiAssignment{}, Replaces: []apiID{}}
	for _, d := range v.Documents {
		out.Documents = append(out.Documents, apiRegistered{d.What, d.Name, d.Size, d.SHA256})
	}
	for _, x := range v.Assignments {
		out.Assignments = append(out.Assignments, q.assignment(x))
	}
	if x := v.Annulment; x != nil {
		out.Annulment = &apiAnnulment{x.Reason, x.Act, x.Operator, x.At}
	}
	for _, e := range v.Earlier {
		out.Replaces = append(out.Replaces, apiID(e.ID))
	}
	if v.Later != nil {
		out.ReplacedBy = apiID(v.Later.ID)
	}
	return out, nil
}

type reassignIn struct {
	Office apiID  `json:"office"`
	Class  string `json:"class"`
	Seen   apiID  `json:"seen"`
}

func (a *api) registerReassign(q *apiCall, in reassignIn) (apiAssignment, error) {
	x, err := a.Register.Assign(q.ctx, q.Viewer, q.id("id"), int64(in.Seen), int64(in.Office), in.Class)
	if err != nil {
		return apiAssignment{}, err
	}
	return q.assignment(x), nil
}

func (q *apiCall) assignment(x *register.Assignment) apiAssignment {
	return apiAssignment{apiID(x.ID), q.officeRef(x.OfficeID), x.Class, x.Operator, x.At}
}

type annulIn struct {
	Reason string `json:"reason"`
	Act    string `json:"act"`
}

func (a *api) registerAnnulled(q *apiCall, in annulIn) (apiAnnulment, error) {
	x, err := a.Register.Annul(q.ctx, q.Viewer, q.id("id"), in.Reason, in.Act)
	if err != nil {
		return apiAnnulment{}, err
	}
	return apiAnnulment{x.Reason, x.Act, x.Operator, x.At}, nil
}

func (a *api) registerCorrected(q *apiCall, in entryIn) (*apiRegistrationFull, error) {
	e, err := a.Register.Correct(q.ctx, q.Viewer, q.id("id"), in.command(0, 0))
	if err != nil {
		return nil, err
	}
	return q.madeEntry(e), nil
}

// madeEntry is an entry as it was just written. It is not read again: under an
// idempotency key it is committed only after the answer was made.
func (q *apiCall) madeEntry(e *register.Entry) *apiRegistrationFull {
	m := e.Made
	l := &register.Line{Entry: *e, Office: m.Assignment.Office, OfficeID: m.Assignment.OfficeID, Class: m.Assignment.Class, ClassName: m.Assignment.ClassName, CaseRef: m.CaseRef}
	out := &apiRegistrationFull{apiRegistration: q.viewEntry(l), Origin: e.OriginOf(), Documents: []apiRegistered{}, Assignments: []apiAssignment{q.assignment(m.Assignment)}, Replaces: []apiID{}}
	for _, d := range m.Documents {
		out.Documents = append(out.Documents, apiRegistered{d.What, d.Name, d.Size, d.SHA256})
	}
	if m.Replaces > 0 {
		out.Replaces = append(out.Replaces, apiID(m.Replaces))
	}
	return out
}

// registerStanding is told to whoever may see the message, also before anybody asked
// for a number.
func (a *api) registerStanding(q *apiCall) (apiStanding, error) { return a.standing(q, q.id("id")) }

func (a *api) standing(q *apiCall, id int64) (apiStanding, error) {
	if _, err := a.Inbox.Message(q.ctx, q.Viewer, id); err != nil {
		return apiStanding{}, err
	}
	all, err := a.Register.Standings(q.ctx, []int64{id})
	if err != nil {
		return apiStanding{}, err
	}
	s := all[id]
	if s == nil {
		return apiStanding{State: register.NotNeeded}, nil
	}
	return a.standingOf(q, s)
}

// standingOf tells a standing. The entry that it names is an earlier one, or was read.
func (a *api) standingOf(q *apiCall, s *register.Standing) (apiStanding, error) {
	out := apiStanding{State: s.State, Reason: s.Reason, By: q.who(s.SinceBy), Since: s.SinceAt, Version: s.Version}
	q.etag = etag(s.Version)
	if s.EntryID == 0 {
		return out, nil
	}
	v, err := a.Register.View(q.ctx, q.Viewer, s.EntryID)
	if err == nil {
		out.Entry = q.viewEntry(v.Line)
	}
	return out, err
}

func (a *api) registerMessage(q *apiCall, in entryIn) (*apiRegistrationFull, error) {
	version, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	e, err := a.Register.Enter(q.ctx, q.Viewer, in.command(q.id("id"), version))
	if err != nil {
		return nil, err
	}
	q.at = apiPrefix + "/register/" + formatID(e.ID)
	return q.madeEntry(e), nil
}

type decideStandingIn struct {
	State   register.State `json:"state"`
	Reason  string         `json:"reason"`
	Version int64          `json:"version"`
}

func (a *api) registerDecided(q *apiCall, in decideStandingIn) (apiStanding, error) {
	version, err := q.version(in.Version)
	if err != nil {
		return apiStanding{}, err
	}
	s, err := a.Register.Decide(q.ctx, q.Viewer, q.id("id"), in.State, in.Reason, version)
	if err != nil {
		return apiStanding{}, err
	}
	return a.standingOf(q, s)
}

type apiClass struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Title string `json:"title"`
}

func (a *api) registerClasses(*apiCall) (apiItems[apiClass], error) {
	out := []apiClass{}
	for _, c := range a.Register.Scheme().On(queue.DayOf(a.clock.Now(), a.zone)) {
		out = append(out, apiClass{c.Code, c.Name, c.Group})
	}
	return apiItems[apiClass]{out}, nil
}

func (a *api) registerDailies(q *apiCall) (apiPage[apiDaily], error) {
	limit := q.limit(rowsOf)
	days, err := a.Register.Dailies(q.ctx, q.Viewer, queue.Day(q.query("cursor")), limit)
	if err != nil {
		return apiPage[apiDaily]{}, err
	}
	out := make([]apiDaily, len(days))
	for i, d := range days {
		out[i] = apiDaily{d.Day, d.Entries, d.Annulments, d.FirstNumber, d.LastNumber, d.Size, d.SHA256, d.Previous, d.MadeAt}
	}
	next := ""
	if len(days) == limit {
		next = string(days[limit-1].Day)
	}
	return pageOf(out, next), nil
}

func (a *api) registerDaily(q *apiCall) (*apiFile, error) {
	day, err := queue.ParseDay(q.r.PathValue("day"))
	if err != nil {
		return nil, inbox.ErrNotFound
	}
	d, f, veiled, err := a.Register.OpenDaily(q.ctx, q.Viewer, day)
	if err != nil {
		return nil, err
	}
	size := d.Size
	if veiled {
		size = -1
	}
	return &apiFile{Name: d.Name(), Size: size, Body: f}, nil
}
