package web

import (
	"strconv"
	"strings"

	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiID is the number of a row as the API writes it: in a string, because
// JavaScript loses digits of large numbers; null when there is none.
type apiID int64

// MarshalJSON writes the digits between quotes.
func (id apiID) MarshalJSON() ([]byte, error) {
	if id == 0 {
		return []byte("null"), nil
	}
	b := append(make([]byte, 0, 21), '"')
	return append(strconv.AppendInt(b, int64(id), 10), '"'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (id *apiID) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*id = 0
		return nil
	}
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	*id = apiID(n)
	return err
}

func apiIDs(ids []int64) []apiID {
	out := make([]apiID, len(ids))
	for i, id := range ids {
		out[i] = apiID(id)
	}
	return out
}

func plainIDs(ids []apiID) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

var idOrNull = openapi.ID().OrNull()

var timeOrNull = openapi.Time().OrNull()

// apiWho is an operator in a few words.
type apiWho struct {
	ID   apiID  `json:"id"`
	Name string `json:"name"`
}

var whoSchema = openapi.Named("Who", "An operator.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("name", openapi.Text(0), "")))

// who names an operator; nil for nobody.
func (q *apiCall) who(id int64) *apiWho {
	if id == 0 {
		return nil
	}
	w := &apiWho{ID: apiID(id)}
	if o := q.dir.Operator(id); o != nil {
		w.Name = o.Name
	}
	return w
}

// apiOfficeRef is an office in a few words.
type apiOfficeRef struct {
	ID   apiID  `json:"id"`
	Key  string `json:"key"`
	Name string `json:"name"`
}

var officeRefSchema = openapi.Named("OfficeRef", "An office in a few words.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("key", openapi.Text(0), "Stable, as in the configuration."),
	openapi.Req("name", openapi.Text(0), "")))

func (q *apiCall) officeRef(id int64) *apiOfficeRef {
	if id == 0 {
		return nil
	}
	out := &apiOfficeRef{ID: apiID(id)}
	if o := q.dir.Office(id); o != nil {
		out.Key, out.Name = o.Key, o.Name
	}
	return out
}

// apiPage is a piece of a list.
type apiPage[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"` // cursor of what follows; empty at the end
}

func pageOf[T any](items []T, next string) apiPage[T] {
	if items == nil {
		items = []T{}
	}
	return apiPage[T]{items, next}
}

// idCursor is the cursor of a list that goes by id; empty at its end.
func idCursor(next int64) string {
	if next == 0 {
		return ""
	}
	return formatID(next)
}

func pageSchema(of *openapi.Schema) *openapi.Schema {
	return openapi.Object(
		openapi.Req("items", openapi.List(of), ""),
		openapi.Req("next", openapi.Text(0), "Send it as cursor to get what follows. Empty at the end."))
}

// paging are the parameters of every list.
func paging(most int64) []openapi.Param {
	return []openapi.Param{
		{Name: "cursor", In: "query", Schema: openapi.Text(200), Doc: "The member next of the page before."},
		{Name: "limit", In: "query", Schema: openapi.Between(1, most), Doc: "How many at most."},
	}
}

func splitWords(s string) []string {
	f := strings.Fields(s)
	if f == nil {
		f = []string{}
	}
	return f
}

// meView is who the token acts as.
type meView struct {
	ID        apiID         `json:"id"`
	Login     string        `json:"login"`
	Name      string        `json:"name"`
	Lang      string        `json:"lang"`
	Admin     bool          `json:"admin"`
	FrontDesk bool          `json:"front_desk"`
	Roles     []apiRole     `json:"roles"`
	Token     apiTokenBrief `json:"token"`
}

type apiRole struct {
	Office *apiOfficeRef `json:"office"`
	Role   router.Role   `json:"role"`
}

type apiTokenBrief struct {
	Name      string        `json:"name"`
	Scopes    []string      `json:"scopes"`
	ExpiresAt clock.Instant `json:"expires_at"`
}

var roleSchema = openapi.Named("Role", "What an operator does in an office.", openapi.Object(
	openapi.Req("office", officeRefSchema.OrNull(), "null for an administrator, who is of the whole installation."),
	openapi.Req("role", openapi.OneOf(router.Roles...), "")))

var meSchema = openapi.Named("Me", "Who the token acts as.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("login", openapi.Text(0), ""),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("lang", openapi.Text(0), ""),
	openapi.Req("admin", openapi.Bool(), ""),
	openapi.Req("front_desk", openapi.Bool(), "Works in a front office or at reception, and reads the cases of all offices that are not reserved."),
	openapi.Req("roles", openapi.List(roleSchema), ""),
	openapi.Req("token", openapi.Object(
		openapi.Req("name", openapi.Text(0), ""),
		openapi.Req("scopes", openapi.List(openapi.OneOf(router.Scopes...)), ""),
		openapi.Req("expires_at", timeOrNull, "")), "")))

func (a *api) me(q *apiCall) (meView, error) {
	op := q.dir.Operator(q.OperatorID)
	out := meView{
		ID: apiID(op.ID), Login: op.Login, Name: op.Name, Lang: op.Lang, Admin: q.Admin, FrontDesk: q.FrontDesk,
		Roles: []apiRole{}, Token: apiTokenBrief{q.token.Name, splitWords(q.token.Scopes), q.token.ExpiresAt},
	}
	for _, m := range q.dir.RolesOf(op.ID) {
		out.Roles = append(out.Roles, apiRole{q.officeRef(m.OfficeID), m.Role})
	}
	return out, nil
}
