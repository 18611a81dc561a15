package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/web/page"
)

func (s *Server) driver(kind string) (channels.Driver, bool) {
	i := slices.IndexFunc(s.Drivers, func(d channels.Driver) bool { return d.Kind == kind })
	if i < 0 {
		return channels.Driver{}, false
	}
	return s.Drivers[i], true
}

// channelInput is the form of an account as it was sent. Secrets are never part
// of what is given back.
type channelInput struct {
	lang     string        // of the words in faults
	account  inbox.Account // ID, Kind, Name, OfficeID, Origin, Key
	settings map[string]string
	secrets  map[string]string // those that were typed
	has      map[string]bool   // secrets that the account has already
	preset   string            // whose settings were filled in
	faults   []page.FieldFault
}

// showChannel draws the form of an account, generated from the driver's fields.
func (s *Server) showChannel(w http.ResponseWriter, r *http.Request, c *caller, d channels.Driver, in *channelInput) error {
	a := &in.account
	f := page.ChannelForm{ID: a.ID, Channel: page.Channel(d.Kind), Key: a.Key, Name: a.Name, Offices: c.officeChoices(a.OfficeID), FromFile: a.Origin == "file", Faults: in.faults}
	lang := string(c.lang)
	value := in.value(d)
	for _, x := range d.Fields {
		v := page.SettingField{Name: x.Name, Type: page.SettingType(x.Type), Label: x.Label[lang], Help: x.Help[lang], Required: x.Required, Secret: x.Secret, Default: x.Default}
		if x.Secret {
			v.HasValue = in.has[x.Name] || f.FromFile
		} else {
			v.Value = in.settings[x.Name]
		}
		v.When, v.Off, v.Steers = x.When, !x.Matters(value), steers(d, x.Name)
		for _, w := range x.Choices {
			v.Choices = append(v.Choices, page.Choice{Value: w.Value, Label: w.Label[lang], Chosen: w.Value == v.Value || v.Value == "" && w.Value == x.Default})
		}
		f.Fields = append(f.Fields, v)
		f.MoreOpen = f.MoreOpen || faultAt(in.faults, "set."+x.Name) != nil
	}
	if !slices.ContainsFunc(d.Fields, func(x channels.Field) bool { return x.Required || x.Secret }) {
		f.MoreOpen = true
	}
	if a.ID == 0 {
		f.Presets, f.PresetNote = c.presets(d, in.preset)
	}
	var err error
	if f.Shell, err = s.shell(r, c, page.SectionChannels); err != nil {
		return err
	}
	if f.Shell.Title = a.Name; a.ID == 0 {
		f.Shell.Title = c.say.Text("channel.new", "kind", c.say.Either("channel.name_", d.Kind, d.Kind))
	}
	s.show(w, r, formStatus(in.faults), c.lang, f)
	return nil
}

// value gives what a setting is, as typed or by default.
func (in *channelInput) value(d channels.Driver) func(name string) string {
	return func(name string) string { return orDefault(d, name, in.settings[name]) }
}

// orDefault is a setting's value, or what it is when none is given.
func orDefault(d channels.Driver, name, v string) string {
	i := slices.IndexFunc(d.Fields, func(x channels.Field) bool { return x.Name == name })
	if v == "" && i >= 0 {
		return d.Fields[i].Default
	}
	return v
}

// steers reports whether other settings count or not by what this one is.
func steers(d channels.Driver, name string) bool {
	return slices.ContainsFunc(d.Fields, func(x channels.Field) bool { return x.SteeredBy(name) })
}

// newChannel is the form for an account of the kind that was chosen.
func (s *Server) newChannel(w http.ResponseWriter, r *http.Request, c *caller) error {
	d, ok := s.driver(r.URL.Query().Get("kind"))
	if !ok {
		return inbox.ErrNotFound
	}
	in := &channelInput{settings: map[string]string{}}
	for _, x := range d.Fields {
		if !x.Secret {
			in.settings[x.Name] = x.Default
		}
	}
	in.fill(d, r.URL.Query().Get("preset"))
	return s.showChannel(w, r, c, d, in)
}

func (s *Server) channel(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, d, err := s.findChannel(r, c)
	if err != nil {
		return err
	}
	return s.showChannel(w, r, c, d, in)
}

// findChannel is the account that the address names as its form shows it.
func (s *Server) findChannel(r *http.Request, c *caller) (*channelInput, channels.Driver, error) {
	a, err := s.Inbox.Account(r.Context(), pathID(r, "id"))
	if err != nil {
		return nil, channels.Driver{}, err
	}
	d, ok := s.driver(a.Kind)
	if !ok {
		return nil, d, inbox.ErrNotFound
	}
	in := &channelInput{lang: string(c.lang), account: *a, settings: settingsOf(a), has: map[string]bool{}}
	if a.Origin == "page" {
		secrets, err := s.Inbox.AccountSecrets(r.Context(), c.Viewer, s.Box, a.ID)
		if err != nil {
			// the master key changed: what is stored is shown as far as it can be,
			// and nothing is thrown away
			s.Log.WarnContext(r.Context(), "the secrets of an account cannot be opened", "account", a.Key)
		}
		for name, v := range secrets {
			in.has[name] = v != ""
		}
	}
	return in, d, nil
}

// read takes the form over what is there. An empty secret keeps the old one.
func (in *channelInput) read(r *http.Request, d channels.Driver) {
	in.account.Name, in.account.OfficeID = strings.TrimSpace(r.PostFormValue("name")), parseID(r.PostFormValue("office"))
	in.settings, in.secrets = map[string]string{}, map[string]string{}
	if in.account.Name == "" {
		in.fault("name", "required")
	}
	sent := func(name string) string { return orDefault(d, name, strings.TrimSpace(r.PostFormValue("set."+name))) }
	for _, x := range d.Fields {
		values := r.PostForm["set."+x.Name]
		v := ""
		if len(values) > 0 {
			v = values[len(values)-1] // a box that is ticked comes after the hidden "false"
		}
		if !x.Secret {
			v = strings.TrimSpace(v)
		}
		x.Required = x.Required && x.Matters(sent)
		switch {
		case x.Secret && v != "":
			in.secrets[x.Name] = v
		case x.Secret && x.Required && !in.has[x.Name], !x.Secret && x.Required && v == "":
			in.fault("set."+x.Name, "required")
		case x.Secret:
		default:
			var key string
			if in.settings[x.Name], key = readSetting(x, v); key != "" {
				in.fault("set."+x.Name, key, "what", x.Label[in.lang])
			}
		}
	}
}

func (in *channelInput) fault(field, key string, pairs ...any) {
	in.faults = append(in.faults, page.FieldFault{Field: field, Key: key, Args: pairArgs(pairs)})
}

// readSetting checks a value by its field's type; an empty one is the default.
func readSetting(f channels.Field, v string) (value, fault string) {
	if v == "" {
		return f.Default, ""
	}
	switch f.Type {
	case channels.Number:
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return v, "setting_number"
		}
	case channels.Bool:
		b, err := strconv.ParseBool(v)
		if err != nil {
			return v, "bad_value"
		}
		return strconv.FormatBool(b), ""
	case channels.Duration:
		if _, err := time.ParseDuration(v); err != nil {
			return v, "setting_duration"
		}
	case channels.List:
		var list []string
		for _, x := range strings.Split(v, ",") {
			if x = strings.TrimSpace(x); x != "" {
				list = append(list, x)
			}
		}
		return strings.Join(list, ","), ""
	}
	return v, ""
}

// try opens a channel with the settings, which reaches no network, and says which
// of them it does not accept.
func (s *Server) try(in *channelInput, d channels.Driver, old map[string]string) {
	all := maps.Clone(in.settings)
	maps.Copy(all, old)
	maps.Copy(all, in.secrets)
	_, err := d.Open(channels.Account{ID: in.account.ID, Key: in.account.Key, Kind: d.Kind, Name: in.account.Name, Settings: all}, channels.Deps{Log: s.Log, Clock: s.clock})
	if err == nil {
		return
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		for _, x := range d.Fields {
			switch {
			case !names(line, x.Name) || faultAt(in.faults, "set."+x.Name) != nil:
				continue
			case in.settings[x.Name] == "" && in.secrets[x.Name] == "" && !in.has[x.Name]: // what the others are makes it necessary
				in.fault("set."+x.Name, "required")
			default:
				in.fault("set."+x.Name, "setting_refused", "what", x.Label[in.lang])
			}
			break
		}
	}
	if in.faults == nil {
		in.fault("name", "setting_other")
	}
}

// names reports whether an error of a driver is about the field: its name stands
// in it as a word.
func names(line, field string) bool {
	return slices.Contains(strings.FieldsFunc(line, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), field)
}

// saveChannel stores an account, starts it and tries it.
func (s *Server) saveChannel(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, d := &channelInput{lang: string(c.lang)}, channels.Driver{}
	if r.PathValue("id") != "" {
		var err error
		if in, d, err = s.findChannel(r, c); err != nil {
			return err
		}
		if in.account.Origin == "file" {
			return s.done(w, r, c, "/channels", &inbox.InvalidError{Field: "origin", Code: "file"}, "")
		}
	} else {
		var ok bool
		if d, ok = s.driver(r.PostFormValue("kind")); !ok {
			return inbox.ErrNotFound
		}
		in.account.Kind = d.Kind
	}
	in.read(r, d)
	if in.faults == nil {
		var old map[string]string
		if in.account.ID != 0 {
			var err error
			if old, err = s.Inbox.AccountSecrets(r.Context(), c.Viewer, s.Box, in.account.ID); err != nil {
				s.Log.ErrorContext(r.Context(), "the secrets of an account cannot be opened", "account", in.account.Key, "error", db.SafeError(err))
				in.fault("name", "secrets_locked")
			}
		}
		if in.faults == nil {
			s.try(in, d, old)
		}
	}
	if in.faults == nil {
		a, err := s.Inbox.SaveAccount(r.Context(), c.Viewer, s.Box, inbox.AccountEdit{ID: in.account.ID, Kind: d.Kind, Name: in.account.Name, OfficeID: in.account.OfficeID, Settings: in.settings, Secrets: in.secrets})
		if err == nil {
			return s.channelSaved(w, r, c, a.ID)
		}
		var ok bool
		if in.faults, ok = c.formFaults(err, nil); !ok {
			return err
		}
	}
	return s.showChannel(w, r, c, d, in)
}

// channelSaved starts the account, tries it, and says in one sentence how that went.
func (s *Server) channelSaved(w http.ResponseWriter, r *http.Request, c *caller, id int64) error {
	s.reloadAccounts(r)
	switch p := s.probe(r.Context(), id); {
	case p.OK:
		s.flash(r, page.LevelOK, "channel_saved")
	case p.Error.Class == notOpen:
		s.flash(r, page.LevelLate, "channel_not_open")
	default:
		s.flash(r, page.LevelLate, "channel_trouble", "what", c.errorWords(p.Error.Class))
	}
	http.Redirect(w, r, "/channels", http.StatusSeeOther)
	return nil
}
