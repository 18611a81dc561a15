package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Control is the people's side over HTTP, for the demo and for tests in other
// languages. It belongs on a listener of its own, so that nobody can take it
// for the platform (channels 0.4). Bodies are JSON; README.md lists them.
func (s *Server) Control() http.Handler {
	m := http.NewServeMux()
	order(m, "say", func(in struct {
		User User           `json:"user"`
		Chat int64          `json:"chat"`
		Text string         `json:"text"`
		More map[string]any `json:"more"`
	},
	) (any, error) {
		if in.Chat == 0 {
			in.Chat = in.User.ID
		}
		return s.SayIn(in.Chat, in.User, in.Text, in.More), nil
	})
	order(m, "send", func(in struct {
		User    User           `json:"user"`
		Content map[string]any `json:"content"`
	},
	) (any, error) {
		return s.Send(in.User, in.Content), nil
	})
	order(m, "photo", func(in struct {
		User     User     `json:"user"`
		Pictures [][]byte `json:"pictures"` // base64
		Caption  string   `json:"caption"`
	},
	) (any, error) {
		if len(in.Pictures) == 0 {
			return nil, fmt.Errorf("pictures is empty")
		}
		return s.SendAlbum(in.User, in.Caption, in.Pictures...), nil
	})
	order(m, "file", func(in struct {
		User    User   `json:"user"`
		File    File   `json:"file"`
		Caption string `json:"caption"`
	},
	) (any, error) {
		return s.SendFile(in.User, in.File, in.Caption), nil
	})
	order(m, "edit", func(in struct {
		Message Told   `json:"message"`
		Text    string `json:"text"`
	},
	) (any, error) {
		told := s.Edit(in.Message, in.Text)
		if told == (Told{}) {
			return nil, fmt.Errorf("no person wrote that message")
		}
		return told, nil
	})
	order(m, "press", func(in struct {
		User      User   `json:"user"`
		MessageID int64  `json:"message_id"`
		Data      string `json:"data"`
		Forged    bool   `json:"forged"`
	},
	) (any, error) {
		if in.Forged {
			return s.PressForged(in.User, in.MessageID, in.Data), nil
		}
		return s.Press(in.User, in.MessageID, in.Data)
	})
	s.controlPeople(m)
	s.controlServer(m)
	return m
}

func (s *Server) controlPeople(m *http.ServeMux) {
	person := func(name string, do func(User)) {
		order(m, name, func(in struct {
			User User `json:"user"`
		},
		) (any, error) {
			do(in.User)
			return true, nil
		})
	}
	person("user", s.AddUser)
	person("block", s.Block)
	person("unblock", s.Unblock)
	person("deactivate", s.Deactivate)
	order(m, "group", func(in struct {
		User  User   `json:"user"`
		Title string `json:"title"`
	},
	) (any, error) {
		return s.NewGroup(in.Title, in.User), nil
	})
	order(m, "migrate", func(in struct {
		User User  `json:"user"`
		Chat int64 `json:"chat"`
	},
	) (any, error) {
		return s.MigrateGroup(in.Chat, in.User), nil
	})
	order(m, "kick", func(in struct {
		User User  `json:"user"`
		Chat int64 `json:"chat"`
	},
	) (any, error) {
		s.KickBot(in.Chat, in.User)
		return true, nil
	})
}

func (s *Server) controlServer(m *http.ServeMux) {
	order(m, "update", func(in struct {
		Kind    string          `json:"kind"`
		Content json.RawMessage `json:"content"`
	},
	) (any, error) {
		if in.Kind == "" || len(in.Content) == 0 {
			return nil, fmt.Errorf("kind and content are needed")
		}
		return s.Inject(in.Kind, in.Content), nil
	})
	order(m, "fault", func(f Fault) (any, error) { s.Fail(f); return true, nil })
	order(m, "faults/clear", func(struct{}) (any, error) { s.ClearFaults(); return true, nil })
	order(m, "redeliver", func(in struct {
		Last int `json:"last"`
	},
	) (any, error) {
		s.Redeliver(in.Last)
		return true, nil
	})
	order(m, "overtake", func(struct{}) (any, error) { s.Overtake(); return true, nil })
	m.HandleFunc("GET /_ctl/sent", s.controlSent)
	m.HandleFunc("GET /_ctl/calls", func(w http.ResponseWriter, r *http.Request) {
		reply(w, s.Calls(r.URL.Query().Get("method")), nil)
	})
	m.HandleFunc("GET /_ctl/pending", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Pending(), nil) })
}

// controlSent gives the bot's messages after number "after"; with "wait" (a
// duration) it waits for the first.
func (s *Server) controlSent(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	if d, err := time.ParseDuration(r.URL.Query().Get("wait")); err == nil && d > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), min(d, time.Minute))
		defer cancel()
		_, _ = s.AwaitSent(ctx, after, nil) // nothing new is an answer too
	}
	reply(w, s.Sent(after), nil)
}

// maxOrder bounds a body of the control plane: photos come in base64.
const maxOrder = 100 << 20

// order adds POST /_ctl/name with a JSON body.
func order[In any](m *http.ServeMux, name string, do func(In) (any, error)) {
	m.HandleFunc("POST /_ctl/"+name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			reply(w, nil, fmt.Errorf("the body is not what %s takes: %w", name, err))
			return
		}
		out, err := do(in)
		reply(w, out, err)
	})
}

func reply(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		out = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(out)
}
