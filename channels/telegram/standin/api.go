package standin

import (
	"net/http"
	"strings"
)

// method is one call of the Bot API. It runs without mu.
type method func(*Server, *http.Request, *params) (any, *refusal)

// methods are those that the stand-in knows, in lower case: the real server
// does not mind the case either.
var methods = map[string]method{
	"getme":                  (*Server).getMe,
	"getupdates":             (*Server).getUpdates,
	"setwebhook":             (*Server).setWebhook,
	"deletewebhook":          (*Server).deleteWebhook,
	"getwebhookinfo":         (*Server).getWebhookInfo,
	"sendmessage":            (*Server).sendMessage,
	"sendphoto":              (*Server).sendPhoto,
	"senddocument":           (*Server).sendDocument,
	"sendmediagroup":         (*Server).sendMediaGroup,
	"sendchataction":         (*Server).sendChatAction,
	"editmessagetext":        (*Server).editMessageText,
	"editmessagereplymarkup": (*Server).editMessageReplyMarkup,
	"deletemessage":          (*Server).deleteMessage,
	"setmessagereaction":     (*Server).setMessageReaction,
	"answercallbackquery":    (*Server).answerCallbackQuery,
	"getfile":                (*Server).getFile,
	"getchat":                (*Server).getChat,
	"setmycommands":          (*Server).setMyCommands,
	"getmycommands":          (*Server).getMyCommands,
}

// API is the platform's side: /bot<token>/<method> and /file/bot<token>/<path>.
func (s *Server) API() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if rest, ok := strings.CutPrefix(path, "/file/bot"); ok {
			s.serveFile(w, r, rest)
			return
		}
		rest, ok := strings.CutPrefix(path, "/bot")
		if !ok {
			write(w, nil, errNotFound)
			return
		}
		token, name, _ := strings.Cut(rest, "/")
		name = strings.ToLower(strings.TrimPrefix(name, "test/"))
		if no := s.checkToken(token); no != nil {
			write(w, nil, no)
			return
		}
		s.call(w, r, name)
	})
}

func (s *Server) checkToken(token string) *refusal {
	digits, _, ok := strings.Cut(token, ":")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return &refusal{Code: http.StatusUnauthorized, Description: "Unauthorized: invalid token specified"}
	}
	if token != s.opt.Token {
		return &refusal{Code: http.StatusUnauthorized, Description: "Unauthorized"}
	}
	return nil
}

// call runs a method, or the fault that is in its way.
func (s *Server) call(w http.ResponseWriter, r *http.Request, name string) {
	do := methods[name]
	if do == nil {
		write(w, nil, &refusal{Code: http.StatusNotFound, Description: "Not Found: method not found"})
		return
	}
	fault := s.takeFault(name)
	if fault != nil && fault.Kind == Close {
		s.record(name, nil)
		panic(http.ErrAbortHandler)
	}
	p, no := readParams(r)
	if no != nil {
		s.record(name, nil)
		write(w, nil, no)
		return
	}
	s.record(name, p)
	if fault != nil && fault.before(s, w, r) {
		return
	}
	result, no := do(s, r, p)
	if fault != nil && fault.Kind == Drop {
		panic(http.ErrAbortHandler)
	}
	write(w, result, no)
}

func (s *Server) getMe(*http.Request, *params) (any, *refusal) {
	me := s.bot()
	me["can_join_groups"] = true
	me["can_read_all_group_messages"] = false
	me["supports_inline_queries"] = false
	return me, nil
}

// bot is the bot as a User object.
func (s *Server) bot() object {
	return object{"id": s.botID, "is_bot": true, "first_name": s.opt.Name, "username": s.opt.Username}
}
