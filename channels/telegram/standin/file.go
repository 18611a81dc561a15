package standin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/jpeg" // sizes of photos
	_ "image/png"
	"net/http"
	"strconv"
	"strings"
)

// Limits of files (channels 1.5, 1.6).
const (
	maxDownload = 20 << 20
	maxPhoto    = 10 << 20
	linkSeconds = 60 * 60
	filesKept   = 2000
)

// fileStore keeps the files of both directions.
type fileStore struct {
	byID   map[string]*keptFile
	byPath map[string]*keptFile
	order  []string
	next   int64
}

type keptFile struct {
	id, unique string
	name, kind string
	body       []byte
	size       int64 // above len(body) for a file that is only said to be large
	path       string
	asked      int64 // when getFile was last called
	class      string
}

func (f *fileStore) init() {
	f.byID, f.byPath = map[string]*keptFile{}, map[string]*keptFile{}
}

// keep stores a file and gives it its names. The caller holds mu.
func (s *Server) keep(class, name, kind string, body []byte) *keptFile {
	f := &s.files
	f.next++
	sum := sha256.Sum256(append([]byte(class), body...))
	k := &keptFile{
		id:     fmt.Sprintf("BQAC%s%06d", hex.EncodeToString(sum[:6]), f.next),
		unique: "AgAD" + hex.EncodeToString(sum[:8]),
		name:   name, kind: kind, body: body, size: int64(len(body)), class: class,
	}
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 && len(name)-i <= 6 && !strings.ContainsAny(name[i:], "/ ") {
		ext = name[i:]
	}
	k.path = fmt.Sprintf("%ss/file_%d%s", class, f.next, ext)
	f.byID[k.id], f.byPath[k.path] = k, k
	f.order = append(f.order, k.id)
	if len(f.order) > filesKept {
		old := f.byID[f.order[0]]
		delete(f.byID, old.id)
		delete(f.byPath, old.path)
		f.order = f.order[1:]
	}
	return k
}

// object is the file as messages show it.
func (k *keptFile) object() object {
	o := object{"file_id": k.id, "file_unique_id": k.unique, "file_size": k.size}
	if k.kind != "" {
		o["mime_type"] = k.kind
	}
	if k.name != "" {
		o["file_name"] = k.name
	}
	return o
}

// File is a file that a person sends.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Body []byte `json:"body"` // base64 in JSON
	// Size, when above the length of Body, makes a file that is said to be so
	// large without its bytes.
	Size int64 `json:"size"`
}

// SendFile makes the person send a document.
func (s *Server) SendFile(u User, f File, caption string) Told {
	return s.sendKept(u, "document", f, caption, nil)
}

// SendVoice makes the person send a voice message of some seconds.
func (s *Server) SendVoice(u User, body []byte, length int) Told {
	return s.sendKept(u, "voice", File{Type: "audio/ogg", Body: body}, "", object{"duration": length})
}

// SendMedia makes the person send a file of another class: "video", "audio",
// "animation", "video_note", "sticker".
func (s *Server) SendMedia(u User, class string, f File, caption string) Told {
	return s.sendKept(u, class, f, caption, nil)
}

func (s *Server) sendKept(u User, class string, f File, caption string, more object) Told {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keep(class, f.Name, f.Type, f.Body)
	k.size = max(k.size, f.Size)
	o := k.object()
	for name, v := range more {
		o[name] = v
	}
	fields := object{class: o}
	if class == "animation" {
		fields["document"] = o // the platform sets both (channels 1.4)
	}
	if caption != "" {
		fields["caption"] = caption
	}
	return s.receive(u.ID, s.person(u), fields)
}

// SendPhoto makes the person send a picture (JPEG or PNG bytes).
func (s *Server) SendPhoto(u User, body []byte, caption string) Told {
	return s.SendAlbum(u, caption, body)[0]
}

// SendAlbum makes the person send pictures together: each is a message and an
// update of its own, and only the first has the caption (channels 1.4).
func (s *Server) SendAlbum(u User, caption string, pictures ...[]byte) []Told {
	s.mu.Lock()
	defer s.mu.Unlock()
	album := strconv.FormatInt(13900000+s.lastID, 10)
	var out []Told
	for i, body := range pictures {
		fields := object{"photo": s.photoSizes(body)}
		if len(pictures) > 1 {
			fields["media_group_id"] = album
		}
		if i == 0 && caption != "" {
			fields["caption"] = caption
		}
		out = append(out, s.receive(u.ID, s.person(u), fields))
	}
	return out
}

// photoSizes is the same picture in two sizes, the last the larger. The small
// one has the same bytes here.
func (s *Server) photoSizes(body []byte) []object {
	width, height := 1280, 960
	if c, _, err := image.DecodeConfig(bytes.NewReader(body)); err == nil {
		width, height = c.Width, c.Height
	}
	small, large := s.keep("photo", "", "", body), s.keep("photo", "", "", body)
	small.unique += "s"
	sizes := []object{small.object(), large.object()}
	for i, o := range sizes {
		o["width"], o["height"] = width, height
		if i == 0 {
			o["width"], o["height"] = max(width/8, 1), max(height/8, 1)
			o["file_size"] = max(len(body)/64, 1)
		}
	}
	return sizes
}

func (s *Server) getFile(_ *http.Request, p *params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.files.byID[p.text("file_id")]
	if k == nil {
		return nil, bad("wrong file_id or the file is temporarily unavailable")
	}
	if k.size > maxDownload {
		return nil, bad("file is too big")
	}
	k.asked = s.now()
	return object{"file_id": k.id, "file_unique_id": k.unique, "file_size": k.size, "file_path": k.path}, nil
}

// serveFile is the file endpoint: token/path after /file/bot.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, path, _ := strings.Cut(rest, "/")
	if no := s.checkToken(token); no != nil {
		write(w, nil, no)
		return
	}
	s.record("/file", nil)
	fault := s.takeFault("/file")
	if fault != nil && fault.Kind != Drop && fault.before(s, w, r) {
		return
	}
	s.mu.Lock()
	k := s.files.byPath[path]
	if k != nil && (k.asked == 0 || s.now()-k.asked > linkSeconds) {
		k = nil
	}
	s.mu.Unlock()
	if k == nil {
		write(w, nil, errNotFound)
		return
	}
	// The name and the type are not kept (channels 1.5).
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(k.body)))
	if fault != nil {
		// Drop: the connection ends in the middle.
		_, _ = w.Write(k.body[:len(k.body)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(k.body)
}
