package demo

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// write sends a mail as the citizen. What is typed is what is sent.
func (c *citizensSide) write(w http.ResponseWriter, r *http.Request) {
	p := c.citizen(w, r)
	if p == nil {
		return
	}
	text, subject, to := clean(r.FormValue("text")), strings.Join(strings.Fields(r.FormValue("subject")), " "), r.FormValue("to")
	switch {
	case len(p.Mail) == 0:
		http.Error(w, p.Name()+" non ha un indirizzo e-mail.", http.StatusBadRequest)
		return
	case text == "":
		http.Error(w, errEmpty.Error(), http.StatusBadRequest)
		return
	case !slices.Contains([]string{urpBox, tributiBox}, to):
		to = urpBox
	}
	c.w.play(p)
	l := &letter{From: p.Mail[0], Name: p.Name(), To: to, Subject: subject, Text: text + "\n", ID: word() + "@posta.example", At: c.w.clock.Now()}
	if last, ok := c.w.diary.lastFromTown(p.Key); ok && strings.HasPrefix(subject, "Re: ") {
		l.InReplyTo, l.References = last.ID, last.References
		if last.Box != "" {
			l.To = last.Box
		}
	}
	if r.FormValue("photo") != "" {
		l.Files = []enclosure{{"IMG_2048.jpg", "image/jpeg", somePicture()}}
	}
	if err := c.w.post(r.Context(), p, l); err != nil {
		http.Error(w, "La posta non è partita.", http.StatusInternalServerError)
		return
	}
	c.home(w, r, p)
}

// say sends a Telegram message as the citizen.
func (c *citizensSide) say(w http.ResponseWriter, r *http.Request) {
	p := c.citizen(w, r)
	if p == nil {
		return
	}
	text := clean(r.FormValue("text"))
	if p.Telegram.ID == 0 {
		http.Error(w, p.Name()+" non usa Telegram.", http.StatusBadRequest)
		return
	}
	if text == "" {
		http.Error(w, errEmpty.Error(), http.StatusBadRequest)
		return
	}
	c.w.play(p)
	note := page{Citizen: p.Key, Channel: "telegram", Mine: true, At: c.w.clock.Now(), Text: text}
	if r.FormValue("photo") != "" {
		note.Files = []string{"foto.jpg"}
		note.ID = c.w.bot.SendPhoto(p.Telegram, somePicture(), text).Key()
	} else {
		note.ID = c.w.bot.Say(p.Telegram, text).Key()
	}
	c.w.diary.add(note)
	c.w.wake()
	c.home(w, r, p)
}

// block stops the bot, as people do; writing again lets it in again.
func (c *citizensSide) block(w http.ResponseWriter, r *http.Request) {
	p := c.citizen(w, r)
	if p == nil {
		return
	}
	if p.Telegram.ID == 0 {
		http.Error(w, p.Name()+" non usa Telegram.", http.StatusBadRequest)
		return
	}
	c.w.play(p)
	c.w.bot.Block(p.Telegram)
	c.w.diary.add(page{Citizen: p.Key, Channel: "telegram", Mine: true, At: c.w.clock.Now(), Text: "(ha bloccato il bot)"})
	c.home(w, r, p)
}

func (c *citizensSide) home(w http.ResponseWriter, r *http.Request, p *citizen) {
	http.Redirect(w, r, "/di/"+p.Key, http.StatusSeeOther)
}

// clean makes lines end as they do elsewhere.
func clean(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// word is a part of a Message-ID that nobody used.
func word() string {
	b := make([]byte, 9)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func somePicture() []byte {
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	n := uint64(0)
	for _, b := range seed {
		n = n<<8 | uint64(b)
	}
	return picture(mathrand.New(mathrand.NewPCG(n, 1)), false)
}

// Recipe is the story that is worth telling by hand, one line for each step.
func (d *Demo) Recipe() []string {
	return append([]string{
		fmt.Sprintf("Apri %s/di/lucia.ferrante: scrivi una e-mail e un messaggio Telegram come Lucia (i testi sono pronti).", d.CitizensURL()),
		fmt.Sprintf("Entra in http://%s come giulia: i due contatti arrivano da soli, con la proposta «la stessa persona?».", d.Addr()),
		"Registra la visita di Lucia come nadia (V), con telefono 347 555 0142: terzo contatto, stessa proposta.",
		"Accetta la proposta, rispondi dalla pratica: la risposta arriva nella casella o nella chat di Lucia.",
	}, d.roomRecipe()...)
}
