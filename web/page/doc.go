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
// Templates write these addresses; the web package serves them. {case} is
// "2026/000123", so its routes have two segments, {year}/{seq}. Every POST
// takes a form and answers either a fragment, where one is named and the
// request has "HX-Request: true", or 303 back to the page.
//
//	GET  /login                        Login
//	POST /login                        user, password, next
//	POST /logout
//	POST /me                           lang=it|en, keys=on|off, back
//	GET  /me/password                  Access
//	POST /me/password                  old, password, again
//	POST /me/others                    ends the other sessions
//	GET  /live                         server-sent events, see below
//	GET  /shell/health                 Health
//	GET  /shell/tally                  Tally
//
//	GET  /cases?view=&case=&before=&compose=reply|note&pane=views|person
//	                                   Inbox; Work alone when HX-Target is "work" (optional:
//	                                   the client selects #work from the whole page too)
//	GET  /cases/rows?view=&before=     Rows: the next page, appended
//	GET  /cases/row?view=&number=      Row, or 204 when the case is not in the view
//	GET  /cases/counts?view=           Counts
//	POST /views                        query, name: keeps a search as the view saved-{id}
//	POST /views/{id}/forget
//	POST /cases/bulk                   number (many), do=mine|office|snooze|read|close, office, until, view
//	GET  /cases/{case}/live            CaseLive
//	GET  /cases/{case}/earlier?older=&view=  Earlier, put above what is shown; older= on
//	                                   /cases shows the same as a page of its own
//	GET  /cases/{case}/composer?compose=&view=  Composer
//	POST /cases/{case}/assign          operator (id, 0 = nobody)
//	POST /cases/{case}/office          office, reason
//	POST /cases/{case}/accept          answer=yes|no, reason
//	POST /cases/{case}/kind            kind
//	POST /cases/{case}/snooze          until=later|tomorrow|monday|week or at=2006-01-02T15:04
//	POST /cases/{case}/wake
//	POST /cases/{case}/close           outcome, note
//	POST /cases/{case}/reopen
//	POST /cases/{case}/merge           into (a number), reason
//	POST /cases/{case}/suggestions/{id}  answer=yes|no
//	POST /cases/{case}/reply           multipart: channel, cc, subject, text, seen, file (many) -> Composer
//	                                   (409 with Composer.Stop when something newer arrived, until sure_newer=1;
//	                                   422 with Composer.Unsure until sure_to=ADDRESS (many) names each address new to the case)
//	POST /cases/{case}/note            multipart: text, file (many) -> Composer
//	POST /cases/{case}/draft           compose, channel, cc, text, seen, base, pen, step -> ComposerState (409 when another window wrote)
//	POST /cases/{case}/draft/mine|theirs  the form, their (Stop.Base) -> Composer
//	POST /cases/{case}/files           multipart: compose, file (many) -> DraftFiles
//	POST /cases/{case}/files/{id}/remove  compose -> DraftFiles
//	POST /cases/{case}/send/{id}/undo  -> Composer
//	POST /cases/{case}/send/{id}/hold  stop the countdown while somebody looks at it
//	POST /cases/{case}/send/{id}/go    let it go on counting; 204
//	POST /cases/{case}/presence        doing=looking|writing|left; 204
//	POST /cases/{case}/take            "I answer": the colleague's claim is set aside -> Composer
//	POST /cases/{case}/leave           "leave it to them" -> Composer
//	POST /cases/{case}/deliveries/{id}/retry|arrived
//	POST /cases/{case}/dealt           somebody took care of what was not delivered
//	POST /cases/{case}/withdraw        takes a hand-over back
//	POST /cases/{case}/unmerge
//	GET  /messages/{id}/html?images=1  the sanitised HTML alone, framed; see Body.HTML
//	GET  /messages/{id}/raw            the bytes as they came, as a download
//	POST /messages/{id}/read-again     reads the bytes with the parser of today
//	GET  /files/{id}/{name}            an attachment, as a download; t= holds for one session and two hours
//	GET  /pictures/{id}                what a file shows, made by us
//	POST /files/{id}/scan              ask for a new verdict of the malware scan
//	GET  /texts?case=&q=               Picker
//
//	GET  /people?q=&before=            People
//	GET  /people/{id}?show=&before=    Person; PersonHistory alone for HX-Target "history"
//	POST /people                       name, ... (new person without a visit)
//	POST /people/{id}                  name, address, born, lang
//	POST /people/{id}/identities       kind, value, proof, source, sure=1
//	POST /people/{id}/identities/{iid}/end
//	POST /people/{id}/same             other, then the merge is done
//	POST /people/{id}/identities/{iid}/proof  proof, source
//	POST /people/{id}/apart            other, reason
//	POST /people/{id}/together         other: takes "apart" back
//	POST /people/{id}/merges/{mid}/undo
//	POST /people/{id}/wishes           preferred, shown (many), barred (many): ids of identities
//	POST /people/{id}/notes            text
//	POST /people/{id}/link             PersonLink: the sheet, shown once
//	GET  /people/{id}/link?stage=      LinkState, or 204 while it is at that stage
//	GET  /search?q=&before=            Search
//
//	GET  /reception?how=visit|phone&person=&q=   Reception
//	GET  /reception/people?q=          PersonPicks
//	POST /reception                    how, person (id) or name, phone, email, cf, address, seen=1, sure=1, why,
//	                                   office, kind, subject, text, outcome=closed|open
//	GET  /quarantine?why=&before=      Quarantine
//	GET  /quarantine/{id}              QuarantineItem
//	POST /quarantine/{id}/release|parse
//	POST /quarantine/{id}/attach       case
//	POST /quarantine/{id}/reject       reason
//	GET  /quarantine/{id}/html         safe preview, framed
//	GET  /quarantine/{id}/raw          download
//
//	GET  /channels                     Channels
//	GET  /channels/new?kind=           ChannelForm
//	GET  /channels/{id}                ChannelForm
//	POST /channels/{id}/probe|pause|resume   -> ChannelCard
//	GET  /channels/{id}/reconcile      Reconcile
//	GET  /channels/{id}/reconcile/state   -> ReconcileState
//	POST /channels/{id}/reconcile      -> ReconcileState
//	POST /channels, /channels/{id}     name, office, set.<field> ...
//
//	GET  /admin                        the first page of it that the operator may open
//	GET  /admin/offices, /new, /{id}   Offices, OfficeForm; POST /admin/offices, /{id}
//	GET  /admin/operators, ...         Operators, OperatorForm; POST likewise
//	GET  /admin/rules, ...             Rules, RuleForm; POST likewise, /{id}/move dir=up|down,
//	                                   /{id}/active on=1|0, /{id}/delete
//	GET  /admin/rules/row?group=&n=    RuleCondition or RuleAction, after its first choice
//	POST /admin/rules/try              the form -> RuleTrial
//	GET  /admin/texts                  Texts
//	GET  /admin/texts/{event}/{channel or all}/{lang}  TextForm; POST likewise and .../restore
//	GET  /admin/texts/ready/new, /{id} ReadyForm; POST /admin/texts/ready, /{id}, /{id}/delete
//	POST /admin/texts/preview          either form -> TextPreview
//	GET  /admin/tokens                 Tokens; POST /admin/tokens, /{id}/revoke
//	GET  /admin/events?who=&what=&number=&person=&from=&to=&before=  Events
//	GET  /help                         Help
//
//	GET  /p/case                       PublicEntry
//	POST /p/case                       number, secret, text (written before); then PublicCase
//	POST /p/case/reply                 multipart: number, key, text, file (many)
//	GET  /p/case/files/{id}/{name}     a file that we sent, as a download
//	GET  /p/privacy                    PublicPrivacy
//
// Devices of a waiting room and telephones in it; the scripts of devices are
// answered in JSON, and say which version of their page they run (page=):
//
//	GET  /kiosk/{site}                 Kiosk
//	GET  /kiosk/{site}/state?page=     KioskState
//	POST /kiosk/{site}/tickets         key, service, class, lang, procedure -> KioskTicket
//	POST /kiosk/{site}/arrive          code of an appointment -> KioskTicket
//	POST /kiosk/{site}/scan            read: what a scanner or camera read, one or two readings -> KioskTicket
//	POST /kiosk/{site}/tickets/{id}/print|printed, /reconcile, /help
//	GET  /display/{site}               Display; /state?page= and /events?page= DisplayState
//	GET  /tablet/{site}                Vote
//	GET  /p/take/{site}                Take; POST gives a number
//	GET  /p/t/{secret}                 Ticket; /events TicketState; POST /here|late|pass|leave|back
//	GET  /p/notify.js                  the worker by which a telephone shows notifications of /p/t/
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
