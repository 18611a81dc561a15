package page

// View is what a Renderer can render: the structs of this package that name a
// template. Fragments and whole pages are told apart by their type only.
type View interface{ template() string }

// Whole pages.
func (Inbox) template() string          { return "inbox" }
func (Person) template() string         { return "person" }
func (People) template() string         { return "people" }
func (PersonLink) template() string     { return "person-link" }
func (Search) template() string         { return "search" }
func (Reception) template() string      { return "reception" }
func (Quarantine) template() string     { return "quarantine" }
func (QuarantineItem) template() string { return "quarantine-item" }
func (Channels) template() string       { return "channels" }
func (Desks) template() string          { return "desks" }
func (Counter) template() string        { return "counter" }
func (Room) template() string           { return "live-room" }
func (ChannelForm) template() string    { return "channel-form" }
func (Offices) template() string        { return "offices" }
func (OfficeForm) template() string     { return "office-form" }
func (Operators) template() string      { return "operators" }
func (OperatorForm) template() string   { return "operator-form" }
func (Rules) template() string          { return "rules" }
func (RuleForm) template() string       { return "rule-form" }
func (Texts) template() string          { return "texts" }
func (TextForm) template() string       { return "text-form" }
func (ReadyForm) template() string      { return "ready-form" }
func (Tokens) template() string         { return "tokens" }
func (Events) template() string         { return "events" }
func (Login) template() string          { return "login" }
func (Help) template() string           { return "help" }
func (Fault) template() string          { return "fault" }
func (PublicEntry) template() string    { return "public-entry" }
func (PublicCase) template() string     { return "public-case" }
func (PublicPrivacy) template() string  { return "public-privacy" }

// Pages of the room and of the wait, html/room_*.html.
func (Kiosk) template() string   { return "kiosk" }
func (Display) template() string { return "display" }
func (Ticket) template() string  { return "ticket" }
func (Take) template() string    { return "take" }
func (Vote) template() string    { return "vote" }

// Pages of appointments.
func (BookStart) template() string       { return "book-start" }
func (BookSlots) template() string       { return "book-slots" }
func (BookForm) template() string        { return "book-form" }
func (BookAsked) template() string       { return "book-asked" }
func (BookAppointment) template() string { return "book-appointment" }

// Fragments.
func (CounterDesk) template() string   { return "counter-desk" }
func (RoomLive) template() string      { return "room-live" }
func (Health) template() string        { return "health" }
func (Tally) template() string         { return "tally" }
func (Counts) template() string        { return "counts" }
func (Views) template() string         { return "views" }
func (Rows) template() string          { return "rows" }
func (Row) template() string           { return "row" }
func (Work) template() string          { return "work" }
func (CaseLive) template() string      { return "case-live" }
func (Earlier) template() string       { return "earlier" }
func (Composer) template() string      { return "composer" }
func (ComposerState) template() string { return "composer-state" }
func (DraftFiles) template() string    { return "draft-files" }
func (Picker) template() string        { return "picker" }
func (PersonPane) template() string    { return "person-pane" }
func (PersonHistory) template() string { return "person-history" }
func (PersonPicks) template() string   { return "picks" }
func (LinkState) template() string     { return "link-state" }
func (Palette) template() string       { return "palette" }
func (ChannelCard) template() string   { return "channel-card" }
func (TextPreview) template() string   { return "text-preview" }
func (RuleCondition) template() string { return "rule-condition" }
func (RuleAction) template() string    { return "rule-action" }
func (RuleTrial) template() string     { return "rule-trial" }
