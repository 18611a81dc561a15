// Package page turns typed views into HTML. A handler fills one struct and
// calls Renderer.Render; it never reads a template. Every struct that can be
// rendered is a View: whole pages carry a Shell (staff) or a Site (citizens),
// fragments do not and are what htmx and live.js put into a page that is open.
//
// All texts live in the catalogues lang/it.toml and lang/en.toml. Views carry
// facts (an Instant, a state, a count), never sentences, except where a field
// says "in words".
//
// # Addresses
//
// Templates write these addresses; the web package serves them, and a test
// holds the list against what it serves. {case} is "2026/000123", so its routes
// have two segments, {year}/{seq}. Every POST takes a form and answers either a
// fragment, where one is named and the request has "HX-Request: true", or 303
// back to the page. Scripts of devices are answered in JSON, and say which
// version of their page they run (page=).
//
// Staff, in and out:
//
//	GET /{$}                                    sends on to where this operator works
//	GET /login                                  Login
//	POST /login                                 user, password, next
//	POST /logout
//	POST /me                                    lang=it|en, keys=on|off, back
//	GET /me/password                            Access
//	POST /me/password                           old, password, again
//	POST /me/others                             ends the other sessions
//	GET /live                                   server-sent events, see below
//	GET /shell/health                           Health
//	GET /shell/tally                            Tally
//	GET /assets/                                style sheets, scripts, fonts
//	GET /healthz                                200 while the process runs
//	GET /readyz                                 200 while the database answers
//	GET /metrics                                Prometheus, for this machine alone
//
// The inbox:
//
//	GET /cases?view=&case=&before=&compose=reply|note&pane=views|person
//	                                            Inbox; Work alone when HX-Target is "work" (optional:
//	                                            the client selects #work from the whole page too)
//	GET /cases/rows?view=&before=               Rows: the next page, appended
//	GET /cases/row?view=&number=                Row, or 204 when the case is not in the view
//	GET /cases/counts?view=                     Counts
//	POST /cases/bulk                            number (many), do=mine|office|snooze|read|close, office, until, view
//	GET /cases/{case}                           sends on to /cases?case=
//	GET /cases/{case}/live                      CaseLive
//	GET /cases/{case}/earlier?older=&view=      Earlier, put above what is shown; older= on
//	                                            /cases shows the same as a page of its own
//	POST /cases/{case}/assign                   operator (id, 0 = nobody)
//	POST /cases/{case}/office                   office, reason
//	POST /cases/{case}/accept                   answer=yes|no, reason
//	POST /cases/{case}/withdraw                 takes a hand-over back
//	POST /cases/{case}/kind                     kind
//	POST /cases/{case}/snooze                   until=later|tomorrow|monday|week or at=2006-01-02T15:04
//	POST /cases/{case}/wake
//	POST /cases/{case}/close                    outcome, note
//	POST /cases/{case}/reopen
//	POST /cases/{case}/merge                    into (a number), reason
//	POST /cases/{case}/unmerge
//	POST /cases/{case}/suggestions/{id}         answer=yes|no
//	POST /cases/{case}/deliveries/{id}/retry    sends an "unknown" or failed delivery again
//	POST /cases/{case}/deliveries/{id}/arrived  somebody knows that it arrived
//	POST /cases/{case}/dealt                    somebody took care of what was not delivered
//	POST /cases/{case}/presence                 doing=looking|writing|left; 204
//	POST /cases/{case}/lookalikes/{id}          answer: who looks like somebody else was looked at
//	POST /cases/{case}/lookalikes/{id}/undo
//	POST /cases/{case}/forwarded/{message}      answer: whether the case is of whom a colleague forwarded
//	POST /cases/{case}/forwarded/{message}/undo
//	GET /cases/{case}/composer?compose=&view=   Composer
//	POST /cases/{case}/reply                    multipart: channel, cc, subject, text, seen, file (many) -> Composer
//	                                            (409 with Composer.Stop when something newer arrived, until sure_newer=1;
//	                                            422 with Composer.Unsure until sure_to=ADDRESS (many) names each address new to the case)
//	POST /cases/{case}/note                     multipart: text, file (many) -> Composer
//	POST /cases/{case}/draft                    compose, channel, cc, text, seen, base, pen, step -> ComposerState (409 when another window wrote)
//	POST /cases/{case}/draft/mine               the form, their (Stop.Base) -> Composer
//	POST /cases/{case}/draft/theirs             the same -> Composer
//	POST /cases/{case}/files                    multipart: compose, file (many) -> DraftFiles
//	POST /cases/{case}/files/{id}/remove        compose -> DraftFiles
//	POST /cases/{case}/send/{id}/undo           -> Composer
//	POST /cases/{case}/send/{id}/hold           stop the countdown while somebody looks at it
//	POST /cases/{case}/send/{id}/go             let it go on counting; 204
//	POST /cases/{case}/take                     "I answer": the colleague's claim is set aside -> Composer
//	POST /cases/{case}/leave                    "leave it to them" -> Composer
//	POST /views                                 query, name: keeps a search as the view saved-{id}
//	POST /views/{id}/forget
//	GET /messages/{id}/html?images=1            the sanitised HTML alone, framed; see Body.HTML
//	GET /messages/{id}/raw                      the bytes as they came, as a download
//	POST /messages/{id}/read-again              reads the bytes with the parser of today
//	GET /messages/{id}/erase                    Erase: the form that erases its contents for good
//	POST /messages/{id}/erase
//	GET /messages/{id}/evidence                 the evidence package of a certified mail, a ZIP
//	GET /messages/{id}/register                 the form that gives a number
//	POST /messages/{id}/register
//	POST /messages/{id}/register/state          needed or not, with the reason
//	GET /receipts/{id}                          a receipt as it came, as a download
//	GET /files/{id}/{name}                      an attachment, as a download; t= holds for one session and two hours
//	POST /files/{id}/scan                       ask for a new verdict of the malware scan
//	GET /pictures/{id}                          what a file shows, made by us
//	GET /texts?case=&q=                         Picker
//	GET /search?q=&before=                      Search
//
// People:
//
//	GET /people?q=&before=                      People
//	POST /people                                name, ... (new person without a visit)
//	GET /people/{id}?show=&before=              Person; PersonHistory alone for HX-Target "history"
//	POST /people/{id}                           name, address, born, lang
//	POST /people/{id}/identities                kind, value, proof, source, sure=1
//	POST /people/{id}/identities/{iid}/end
//	POST /people/{id}/identities/{iid}/proof    proof, source
//	POST /people/{id}/same                      other, then the merge is done
//	POST /people/{id}/apart                     other, reason
//	POST /people/{id}/together                  other: takes "apart" back
//	POST /people/{id}/merges/{mid}/undo
//	POST /people/{id}/wishes                    preferred, shown (many), barred (many): ids of identities
//	POST /people/{id}/notes                     text
//	GET /people/{id}/link?stage=                LinkState, or 204 while it is at that stage
//	POST /people/{id}/link                      PersonLink: the sheet, shown once
//
// Reception, counters, rooms, agenda:
//
//	GET /reception?how=visit|phone&person=&q=   Reception
//	GET /reception/people?q=                    PersonPicks
//	POST /reception                             how, person (id) or name, phone, email, cf, address, seen=1, sure=1, why,
//	                                            office, kind, subject, text, outcome=closed|open
//	POST /reception/number                      gives a number of the room -> NumberGiven
//	GET /reception/arrivals                     ArrivalList
//	POST /reception/arrived                     checks an appointment in -> NumberGiven
//	GET /counter                                Desks: which counter
//	GET /counter/{id}                           Counter
//	GET /counter/{id}/desk                      the desk of Counter again, after something happened in the room
//	POST /counter/{id}/open
//	POST /counter/{id}/leave
//	POST /counter/{id}/pause
//	POST /counter/{id}/unpause
//	POST /counter/{id}/next                     key: calls the next
//	POST /counter/{id}/act                      one verb on the ticket at this counter
//	POST /counter/{id}/link                     ties the visit to a person
//	POST /counter/{id}/undo
//	GET /queue                                  Room
//	GET /queue/{site}/live                      the room again
//	GET /queue/{site}/events                    server-sent: something happened in the room
//	GET /queue/{site}/estimates                 Estimates: what came of each promise
//	POST /queue/{site}/notices/{id}/done        counter: somebody has seen to what a device told; back to that counter, or to the room
//	GET /agenda                                 Agenda, by day or week
//	GET /agenda/people                          AgendaPicks
//	POST /agenda/book
//	POST /agenda/slots                          a slot's own capacity, or the agenda's again
//	POST /agenda/appointments/{id}/{verb}
//	GET /agenda/conflicts                       AgendaConflicts: what a closed day or a person away collides with
//	GET /agenda/waiting                         AgendaWaiting
//	POST /agenda/waiting                        AgendaJoin, where something is missing
//	POST /agenda/waiting/{id}/leave
//
// Quarantine and register:
//
//	GET /quarantine?why=&before=                Quarantine
//	GET /quarantine/{id}                        QuarantineItem
//	GET /quarantine/{id}/html                   safe preview, framed
//	GET /quarantine/{id}/raw                    download
//	POST /quarantine/{id}/release               files it after all
//	POST /quarantine/{id}/attach                case
//	POST /quarantine/{id}/reject                reason
//	POST /quarantine/{id}/wait                  takes a decision back
//	POST /quarantine/{id}/parse                 reads it with the parser of today
//	POST /quarantine/storm                      rejects all of one storm: sender, number, reason
//	POST /quarantine/senders/{id}/free          what this sender writes becomes cases again
//	GET /register                               Register
//	GET /register/due                           RegisterDue: what waits for a number
//	GET /register/days                          RegisterDays: the daily registers
//	GET /register/{id}                          an entry
//	GET /register/{id}/documents/{ord}          a registered document, as a download
//	POST /register/{id}/assign                  office, class
//	POST /register/{id}/annul                   reason, authority
//	GET /register/{id}/correct
//	POST /register/{id}/correct                 what may be changed, beside what was
//	GET /registers/{day}                        the file of a day
//
// Channels:
//
//	GET /channels                               Channels
//	GET /channels/new?kind=                     ChannelForm
//	GET /channels/{id}                          ChannelForm
//	POST /channels                              name, office, set.<field> ...
//	POST /channels/{id}                         likewise
//	POST /channels/{id}/probe                   -> ChannelCard
//	POST /channels/{id}/pause                   -> ChannelCard
//	POST /channels/{id}/resume                  -> ChannelCard
//	GET /channels/{id}/reconcile                Reconcile
//	GET /channels/{id}/reconcile/state          -> ReconcileState
//	POST /channels/{id}/reconcile               -> ReconcileState
//
// Reports:
//
//	GET /reports                                Reports
//	GET /reports/advice                         ReportAdvice, a fragment: it is computed when it is looked at
//	GET /reports/whatif                         ReportWhatIf
//	GET /reports/export/{file}                  CSV, XLSX
//	GET /reports/votes/{file}                   the month's satisfaction
//
// Administration:
//
//	GET /admin                                  the first page of it that the operator may open
//	GET /admin/offices                          Offices
//	GET /admin/offices/new                      OfficeForm
//	GET /admin/offices/{id}                     OfficeForm
//	POST /admin/offices
//	POST /admin/offices/{id}
//	GET /admin/operators                        Operators
//	GET /admin/operators/new                    OperatorForm
//	GET /admin/operators/{id}                   OperatorForm
//	POST /admin/operators
//	POST /admin/operators/{id}
//	GET /admin/queue                            QueueSites
//	GET /admin/queue/new                        QueueForm
//	POST /admin/queue
//	GET /admin/queue/{site}                     QueueSite; each part of it has a QueueForm below:
//	GET /admin/queue/{site}/settings
//	POST /admin/queue/{site}/settings
//	GET /admin/queue/{site}/days/new
//	POST /admin/queue/{site}/days/new
//	GET /admin/queue/{site}/groups/{id}
//	POST /admin/queue/{site}/groups/{id}
//	GET /admin/queue/{site}/errands/{id}
//	POST /admin/queue/{site}/errands/{id}
//	GET /admin/queue/{site}/classes/{id}
//	POST /admin/queue/{site}/classes/{id}
//	GET /admin/queue/{site}/counters/{id}
//	POST /admin/queue/{site}/counters/{id}
//	GET /admin/queue/{site}/agendas/{id}
//	POST /admin/queue/{site}/agendas/{id}
//	GET /admin/queue/{site}/shut                other hours for one day, or none; what follows is shown first
//	POST /admin/queue/{site}/shut
//	GET /admin/queue/{site}/hours
//	POST /admin/queue/{site}/hours
//	GET /admin/queue/{site}/services/{id}
//	POST /admin/queue/{site}/services/{id}
//	GET /admin/queue/{site}/devices/{id}
//	POST /admin/queue/{site}/devices/{id}
//	GET /admin/queue/{site}/give-up             ends a site; what ends with it is shown first
//	POST /admin/queue/{site}/give-up
//	POST /admin/queue/{site}/days/{day}/drop
//	POST /admin/queue/{site}/services/{id}/end
//	POST /admin/queue/{site}/errands/{id}/end
//	POST /admin/queue/{site}/counters/{id}/end
//	POST /admin/queue/{site}/agendas/{id}/end
//	POST /admin/queue/{site}/devices/{id}/revoke
//	POST /admin/queue/{site}/devices/{id}/test  prints a test ticket
//	GET /admin/rules                            Rules
//	GET /admin/rules/new                        RuleForm
//	GET /admin/rules/row?group=&n=              RuleCondition or RuleAction, after its first choice
//	POST /admin/rules/try                       the form -> RuleTrial
//	GET /admin/rules/{id}                       RuleForm
//	POST /admin/rules
//	POST /admin/rules/{id}
//	POST /admin/rules/{id}/move                 dir=up|down
//	POST /admin/rules/{id}/active               on=1|0
//	POST /admin/rules/{id}/delete
//	GET /admin/texts                            Texts
//	POST /admin/texts/preview                   either form -> TextPreview
//	GET /admin/texts/ready/new                  ReadyForm
//	GET /admin/texts/ready/{id}                 ReadyForm
//	POST /admin/texts/ready
//	POST /admin/texts/ready/{id}
//	POST /admin/texts/ready/{id}/delete
//	GET /admin/texts/{event}/{slot}/{lang}      TextForm; slot is a channel or "all"
//	POST /admin/texts/{event}/{slot}/{lang}
//	POST /admin/texts/{event}/{slot}/{lang}/restore
//	GET /admin/tokens                           Tokens; POST /admin/tokens, /{id}/revoke
//	POST /admin/tokens                          name, scopes; the token is shown once
//	POST /admin/tokens/{id}/revoke
//	GET /admin/events?who=&what=&number=&person=&from=&to=&before= Events
//	GET /help                                   Help
//
// Citizens:
//
//	GET /p/open/queue/{file}                    open data: the room now
//	GET /p/open/history/{file}                  open data: how it went
//	GET /p/{$}                                  sends on to /p/case
//	GET /p/case                                 PublicEntry
//	POST /p/case                                number, secret, text (written before); then PublicCase
//	POST /p/case/reply                          multipart: number, key, text, file (many)
//	GET /p/case/files/{id}/{name}               a file that we sent, as a download
//	GET /p/privacy                              PublicPrivacy
//	GET /p/t/{secret}                           Ticket; /events TicketState; POST /here|late|pass|leave|back
//	GET /p/t/{secret}/events                    server-sent TicketState
//	GET /p/notify.js                            the worker by which a telephone shows notifications of /p/t/
//	GET /p/t/{secret}/vote                      Vote
//	POST /p/t/{secret}/{act}                    here, late, pass, leave, back
//	GET /p/take/{site}                          Take; POST gives a number
//	POST /p/take/{site}                         gives a number
//	GET /p/vote/{token}                         Vote
//	POST /p/vote/{token}
//	POST /p/vote/{token}/reason
//	GET /p/book                                 BookStart
//	GET /p/book/{site}                          BookStart
//	GET /p/book/{site}/{service}                BookSlots
//	POST /p/book/{site}/{service}               holds a slot while the form is filled in
//	GET /p/book/{site}/{service}/{start}        BookForm
//	POST /p/book/{site}/{service}/{start}       -> BookAsked
//	GET /p/book/{site}/{service}/wait           BookWait
//	POST /p/book/{site}/{service}/wait
//	POST /p/book/{site}/{service}/{start}/longer holds it longer
//	GET /p/appointment/{token}                  BookAppointment
//	GET /p/appointment/{token}/{what}           calendar.ics, change
//	POST /p/appointment/{token}/{what}
//	GET /p/appointment/confirm/{token}          BookAppointment
//	POST /p/appointment/confirm/{token}
//	GET /p/appointment/cancel/{token}           BookAppointment
//	POST /p/appointment/cancel/{token}
//	GET /p/offer/{token}                        a freed slot for somebody on the waiting list
//	POST /p/offer/{token}                       answer
//	GET /p/waitlist/join/{token}                BookAppointment
//	POST /p/waitlist/join/{token}
//	GET /p/waitlist/{token}                     BookAppointment
//	POST /p/waitlist/{token}                    leaves the list
//
// Devices:
//
//	GET /kiosk/{site}                           Kiosk
//	GET /kiosk/{site}/state?page=               KioskState
//	POST /kiosk/{site}/tickets                  key, service, class, lang, procedure -> KioskTicket
//	POST /kiosk/{site}/tickets/{id}/print
//	POST /kiosk/{site}/tickets/{id}/printed     the printer said so
//	POST /kiosk/{site}/reconcile                what was issued while the server was away
//	POST /kiosk/{site}/arrive                   code of an appointment -> KioskTicket
//	POST /kiosk/{site}/scan                     read: what a scanner or camera read, one or two readings -> KioskTicket
//	POST /kiosk/{site}/help                     somebody asks for a person
//	GET /display/{site}                         Display; /state?page= and /events?page= DisplayState
//	GET /display/{site}/state                   DisplayState
//	GET /display/{site}/events                  server-sent DisplayState
//	GET /display/{site}/say/{call}/{lang}       a call as sound
//	GET /tablet/{site}                          Vote
//	POST /tablet/{site}                         one of three faces
//	POST /tablet/{site}/reason
//
// # Live events
//
// GET /live sends, for one operator, events whose data is one line of JSON:
//
//	event: case      data: {"number":"2026/000123"}  something of the case changed or it is new
//	event: counts    data: {}                         counts of the views changed
//	event: health    data: {}                         a channel changed its state
//
// The client asks for the truth again (row, counts, live fragment), at most
// once a second for each; after a reconnection it asks for everything shown.
package page
