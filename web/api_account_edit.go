package web

import (
	"net/http"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/web/openapi"
)

// apiKind is a kind of channel that this program speaks.
type apiKind struct {
	Kind   string     `json:"kind"`
	Fields []apiField `json:"fields"`
}

type apiField struct {
	Name     string             `json:"name"`
	Type     channels.FieldType `json:"type"`
	Required bool               `json:"required"`
	Secret   bool               `json:"secret"`
	Default  string             `json:"default"`
	Label    string             `json:"label"`
	Help     string             `json:"help"`
	Choices  []string           `json:"choices"`
	When     string             `json:"when"`
}

var kindSchema = openapi.Named("ChannelKind", "A kind of channel, and the settings of its accounts.", openapi.Object(
	openapi.Req("kind", openapi.Text(0), ""),
	openapi.Req("fields", openapi.List(openapi.Object(
		openapi.Req("name", openapi.Text(0), ""),
		openapi.Req("type", openapi.OneOf(channels.Text, channels.Number, channels.Bool, channels.Duration, channels.List), "How its text is read: 90s, true, a,b."),
		openapi.Req("required", openapi.Bool(), ""),
		openapi.Req("secret", openapi.Bool(), "Kept sealed and never shown again."),
		openapi.Req("default", openapi.Text(0), ""),
		openapi.Req("label", openapi.Text(0), ""),
		openapi.Req("help", openapi.Text(0), ""),
		openapi.Req("choices", openapi.List(openapi.Text(0)), "The words that it may be; none for any."),
		openapi.Req("when", openapi.Text(0), "reading=imap|pop3: it counts, and may be required, only while that other setting is one of the words; several such are joined by &; empty is always."))), "")))

// apiSettings are the settings of an account, without its secrets.
type apiSettings struct {
	Settings map[string]string `json:"settings"`
	Secrets  []string          `json:"secrets"`
}

var settingsSchema = openapi.Named("Settings", "The settings of an account, without its secrets.", openapi.Object(
	openapi.Req("settings", openapi.Map(), "By name; all are texts."),
	openapi.Req("secrets", openapi.List(openapi.Text(0)), "Names of the secrets that it has.")))

func (a *api) accountEditOps() []apiOp {
	props := []openapi.Prop{
		openapi.Req("name", openapi.Filled(200), ""),
		openapi.Req("office", openapi.ID(), "To whom its messages go when no rule says otherwise."),
		openapi.Req("settings", openapi.Map(), "By name, as texts; see /channel-kinds. A secret that is left out stays."),
	}
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/channel-kinds", ID: "listChannelKinds", Tag: "channels", Scope: "read", Summary: "The kinds of channel that this program speaks, and their settings",
			Out: openapi.Object(openapi.Req("items", openapi.List(kindSchema), "")),
		}, apiRead(a.channelKinds)),
		op(openapi.Operation{Method: "GET", Path: "/accounts/{id}/settings", ID: "getSettings", Tag: "channels", Scope: "admin", Summary: "The settings of an account, without its secrets", Out: settingsSchema}, apiRead(a.settings)),
		op(openapi.Operation{
			Method: "POST", Path: "/accounts", ID: "createAccount", Tag: "channels", Scope: "admin", Summary: "Add a mailbox, bot or counter, and start it", OK: http.StatusCreated,
			Body: openapi.Object(append([]openapi.Prop{openapi.Req("kind", openapi.Filled(20), "")}, props...)...), Out: accountSchema,
		}, apiDo(a.saveAccount)),
		op(openapi.Operation{
			Method: "PUT", Path: "/accounts/{id}", ID: "replaceAccount", Tag: "channels", Scope: "admin", Summary: "Change an account that was not made by the configuration file",
			Body: openapi.Object(props...), Out: accountSchema,
		}, apiDo(a.saveAccount)),
	}
}

func (a *api) channelKinds(q *apiCall) (apiItems[apiKind], error) {
	lang := q.dir.Operator(q.OperatorID).Lang
	out := apiItems[apiKind]{Items: make([]apiKind, len(a.Drivers))}
	for i, d := range a.Drivers {
		out.Items[i] = apiKind{d.Kind, make([]apiField, len(d.Fields))}
		for j, f := range d.Fields {
			out.Items[i].Fields[j] = apiField{f.Name, f.Type, f.Required, f.Secret, f.Default, f.Label[lang], f.Help[lang], append([]string{}, f.Words()...), f.When}
		}
	}
	return out, nil
}

// pathAccount is the account of the address, its driver, and the secrets that it
// has. Only an administrator gets there.
func (a *api) pathAccount(q *apiCall) (*inbox.Account, channels.Driver, map[string]string, error) {
	if err := q.mustAdmin(); err != nil {
		return nil, channels.Driver{}, nil, err
	}
	acc, err := a.Inbox.Account(q.ctx, q.id("id"))
	if err != nil {
		return nil, channels.Driver{}, nil, err
	}
	d, ok := a.driver(acc.Kind)
	if !ok {
		return nil, d, nil, inbox.ErrNotFound
	}
	var secrets map[string]string
	if acc.Origin == "page" {
		secrets, err = a.Inbox.AccountSecrets(q.ctx, q.Viewer, a.Box, acc.ID)
	}
	return acc, d, secrets, err
}

func (a *api) settings(q *apiCall) (apiSettings, error) {
	acc, _, secrets, err := a.pathAccount(q)
	if err != nil {
		return apiSettings{}, err
	}
	out := apiSettings{settingsOf(acc), []string{}}
	for name, v := range secrets {
		if v != "" {
			out.Secrets = append(out.Secrets, name)
		}
	}
	slices.Sort(out.Secrets)
	return out, nil
}

type accountIn struct {
	Kind     string         `json:"kind"`
	Name     string         `json:"name"`
	Office   apiID          `json:"office"`
	Settings map[string]any `json:"settings"`
}

// saveAccount makes an account, or changes the one in the address. Its settings
// are checked by opening it, which reaches no network.
func (a *api) saveAccount(q *apiCall, in accountIn) (apiAccount, error) {
	if err := q.mustAdmin(); err != nil {
		return apiAccount{}, err
	}
	form, d, old := &channelInput{has: map[string]bool{}}, channels.Driver{}, map[string]string(nil)
	if q.id("id") == 0 {
		var ok bool
		if d, ok = a.driver(in.Kind); !ok {
			return apiAccount{}, &inbox.InvalidError{Field: "kind", Code: "unknown"}
		}
		form.account.Kind = d.Kind
	} else {
		acc, driver, secrets, err := a.pathAccount(q)
		if err != nil {
			return apiAccount{}, err
		}
		form.account, d, old = *acc, driver, secrets
		if acc.Origin == "file" {
			return apiAccount{}, &inbox.InvalidError{Field: "id", Code: "file"}
		}
	}
	form.account.Name, form.account.OfficeID = in.Name, int64(in.Office)
	if err := form.readJSON(in.Settings, d, old); err != nil {
		return apiAccount{}, err
	}
	if a.try(form, d, old); form.faults != nil {
		return apiAccount{}, form.refused()
	}
	saved, err := a.Inbox.SaveAccount(q.ctx, q.Viewer, a.Box, inbox.AccountEdit{ID: form.account.ID, Kind: d.Kind, Name: in.Name, OfficeID: int64(in.Office), Settings: form.settings, Secrets: form.secrets})
	if err != nil {
		return apiAccount{}, err
	}
	q.after = append(q.after, a.reload(q))
	q.at = apiPrefix + "/accounts/" + formatID(saved.ID)
	out, err := a.viewAccounts(q, []inbox.Account{*saved})
	if err != nil {
		return apiAccount{}, err
	}
	return out.Items[0], nil
}

// readJSON takes settings as the form's read does, and tells those that the kind
// does not have.
func (in *channelInput) readJSON(given map[string]any, d channels.Driver, old map[string]string) error {
	in.settings, in.secrets = map[string]string{}, map[string]string{}
	var unknown []openapi.Fault
	for name, v := range given {
		if !slices.ContainsFunc(d.Fields, func(f channels.Field) bool { return f.Name == name }) {
			unknown = append(unknown, openapi.Fault{Path: "settings." + name, Code: "unknown", Detail: "this kind of channel has no such setting"})
		} else if _, ok := v.(string); !ok {
			unknown = append(unknown, openapi.Fault{Path: "settings." + name, Code: "type", Detail: "it must be a string"})
		}
	}
	if unknown != nil {
		return &faultsError{unknown}
	}
	sent := func(name string) string {
		v, _ := given[name].(string)
		return orDefault(d, name, strings.TrimSpace(v))
	}
	for _, f := range d.Fields {
		v, _ := given[f.Name].(string)
		f.Required = f.Required && f.Matters(sent)
		switch {
		case f.Secret && v != "":
			in.secrets[f.Name] = v
		case f.Secret && f.Required && old[f.Name] == "", !f.Secret && f.Required && strings.TrimSpace(v) == "":
			in.fault("set."+f.Name, "required")
		case !f.Secret:
			value, fault := readSetting(f, strings.TrimSpace(v))
			if in.settings[f.Name] = value; fault != "" {
				in.fault("set."+f.Name, fault)
			}
		}
	}
	if in.faults != nil {
		return in.refused()
	}
	return nil
}

// refused are the faults of the form in the words of the API.
func (in *channelInput) refused() error {
	out := &faultsError{}
	for _, f := range in.faults {
		field, detail := "settings", "the channel does not accept these settings together"
		if name, ok := strings.CutPrefix(f.Field, "set."); ok {
			field, detail = "settings."+name, "the channel does not accept it; /channel-kinds says what it takes"
		}
		if f.Key == "required" {
			detail = "it must be there"
		}
		out.faults = append(out.faults, openapi.Fault{Path: field, Code: f.Key, Detail: detail})
	}
	return out
}
