package register

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// daySheet is all that was written into a book on one day.
type daySheet struct {
	book        string
	day         queue.Day
	zone        *time.Location
	previous    string
	entries     []*Entry
	docs        map[int64][]*Document
	assignments []*Assignment
	annulments  []*Annulment
	named       map[int64]*Entry // the entries of the lines, also those of earlier days
}

// loadDay reads a day in the order in which it was written.
func (r *Register) loadDay(ctx context.Context, book string, day queue.Day) (*daySheet, error) {
	s := &daySheet{book: book, day: day, zone: r.set.Zone, docs: map[int64][]*Document{}, named: map[int64]*Entry{}}
	for _, x := range []struct {
		table, alias string
		to           any
	}{{"register_entries", "re", &s.entries}, {"register_assignments", "ra", &s.assignments}, {"register_annulments", "rx", &s.annulments}} {
		q := fmt.Sprintf("SELECT %[2]s.* FROM %[1]s AS %[2]s WHERE %[2]s.book = ? AND %[2]s.day = ? ORDER BY %[2]s.seq", x.table, x.alias)
		if err := r.db.Ask(ctx, q, []any{book, string(day)}, x.to); err != nil {
			return nil, fmt.Errorf("read a day of the register: %w", err)
		}
	}
	ids := []int64{0}
	for _, e := range s.entries {
		s.named[e.ID] = e
		ids = append(ids, e.ID)
	}
	var docs []*Document
	if err := r.db.Read.NewSelect().Model(&docs).Where("rd.entry_id IN (?)", bun.List(ids)).OrderExpr("rd.entry_id, rd.ord").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read a day of the register: %w", err)
	}
	for _, d := range docs {
		s.docs[d.EntryID] = append(s.docs[d.EntryID], d)
	}
	return s, r.nameEarlier(ctx, s)
}

// nameEarlier reads the entries of earlier days that were annulled or assigned anew.
func (r *Register) nameEarlier(ctx context.Context, s *daySheet) error {
	ids := []int64{}
	for _, a := range s.assignments {
		ids = append(ids, a.EntryID)
	}
	for _, x := range s.annulments {
		ids = append(ids, x.EntryID)
	}
	ids = slices.DeleteFunc(ids, func(id int64) bool { return s.named[id] != nil })
	if len(ids) == 0 {
		return nil
	}
	var earlier []*Entry
	if err := r.db.Read.NewSelect().Model(&earlier).Where("re.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return fmt.Errorf("read a day of the register: %w", err)
	}
	for _, e := range earlier {
		s.named[e.ID] = e
	}
	return nil
}

// hidden are the entries of a day whose cases the viewer may not see.
func (r *Register) hidden(ctx context.Context, v inbox.Viewer, s *daySheet) (map[int64]bool, error) {
	out := map[int64]bool{}
	if v.System {
		return out, nil
	}
	ids := []int64{0}
	for id := range s.named {
		ids = append(ids, id)
	}
	may, args := v.SeesCases("c")
	var seen []int64
	err := r.db.Read.NewRaw("SELECT re.id FROM register_entries AS re JOIN cases AS c ON c.id = re.case_id WHERE re.id IN (?) AND "+may, append([]any{bun.List(ids)}, args...)...).Scan(ctx, &seen)
	if err != nil {
		return nil, fmt.Errorf("who may see a day of the register: %w", err)
	}
	for id := range s.named {
		out[id] = !slices.Contains(seen, id)
	}
	for id, is := range out {
		if !is {
			delete(out, id)
		}
	}
	return out, nil
}

func (s *daySheet) daily() *Daily {
	d := &Daily{Book: s.book, Day: s.day, Entries: len(s.entries), Annulments: len(s.annulments), Previous: s.previous}
	if n := len(s.entries); n > 0 {
		d.FirstNumber, d.LastNumber = s.entries[0].Shown, s.entries[n-1].Shown
	}
	return d
}

// omitted stands in a veiled copy for what the reader may not see.
const omitted = "omissis"

// dayColumns are the columns of the file, in the words of the register.
var dayColumns = []string{
	"riga", "progressivo", "anno", "numero", "data", "ora", "verso", "mittente", "destinatari", "oggetto", "canale", "data_documento", "protocollo_mittente", "data_protocollo_mittente",
	"ufficio", "classifica", "impronte_documento_sha256", "impronte_allegati_sha256", "motivo", "provvedimento", "operatore", "impronta_riga_sha256",
}

type dayLine struct {
	seq   int64
	cells []string
}

// csv is the file: a line for each entry, change of assignment and annulment, in the
// order in which they were written, and one that closes the day with the hash of the
// file before. It depends on nothing but the lines, so that it is always the same.
func (s *daySheet) csv(hidden map[int64]bool) []byte {
	var lines []dayLine
	first := map[int64]*Assignment{}
	for _, a := range s.assignments {
		e := s.named[a.EntryID]
		if first[e.ID] == nil && e.Day == s.day && a.Seq == e.Seq+1 {
			first[e.ID] = a // it stands in the entry's own line
			continue
		}
		lines = append(lines, dayLine{a.Seq, s.assigned(a, e, hidden[e.ID])})
	}
	for _, e := range s.entries {
		lines = append(lines, dayLine{e.Seq, s.entered(e, first[e.ID], hidden[e.ID])})
	}
	for _, x := range s.annulments {
		lines = append(lines, dayLine{x.Seq, s.annulled(x, s.named[x.EntryID], hidden[x.EntryID])})
	}
	slices.SortFunc(lines, func(a, b dayLine) int { return cmp.Compare(a.seq, b.seq) })
	var b bytes.Buffer
	writeCSV(&b, dayColumns)
	for _, l := range lines {
		writeCSV(&b, l.cells)
	}
	end := make([]string, len(dayColumns))
	end[0], end[4], end[9], end[21] = "chiusura", string(s.day), fmt.Sprintf("%d registrazioni, %d annullamenti", len(s.entries), len(s.annulments)), s.previous
	if hidden != nil {
		end[18] = omitted
	}
	writeCSV(&b, end)
	return b.Bytes()
}

func (s *daySheet) entered(e *Entry, a *Assignment, veiled bool) []string {
	var whole, files []string
	for _, d := range s.docs[e.ID] {
		if d.What == Attachment {
			files = append(files, cmp.Or(d.SHA256, "-"))
		} else {
			whole = append(whole, d.SHA256)
		}
	}
	verso := "entrata"
	if e.Direction == inbox.Out {
		verso = "uscita"
	}
	o := Origin{}
	if x := e.OriginOf(); x != nil {
		o = *x
	}
	office, class := "", ""
	if a != nil {
		office, class = a.Office, a.Class
	}
	return veil(veiled, []string{
		"registrazione", strconv.FormatInt(e.Seq, 10), strconv.Itoa(e.Year), e.Shown, string(e.Day), s.hour(e.At), verso, e.Sender, e.Recipients, e.Subject, e.Channel, s.moment(e.DocumentAt), o.Number, o.Date,
		office, class, strings.Join(whole, " "), strings.Join(files, " "), "", "", e.Operator, e.Hash,
	})
}

func (s *daySheet) assigned(a *Assignment, e *Entry, veiled bool) []string {
	return veil(veiled, []string{
		"assegnazione", strconv.FormatInt(a.Seq, 10), strconv.Itoa(e.Year), e.Shown, string(a.Day), s.hour(a.At), "", "", "", "", "", "", "", "", a.Office, a.Class, "", "", "", "", a.Operator, a.Hash,
	})
}

func (s *daySheet) annulled(x *Annulment, e *Entry, veiled bool) []string {
	return veil(veiled, []string{
		"annullamento", strconv.FormatInt(x.Seq, 10), strconv.Itoa(e.Year), e.Shown, string(x.Day), s.hour(x.At), "", "", "", "", "", "", "", "", "", "", "", "", x.Reason, x.Act, x.Operator, x.Hash,
	})
}

// veil leaves number, day, hour and direction of a line.
func veil(veiled bool, cells []string) []string {
	if !veiled {
		return cells
	}
	for i := 7; i < len(cells)-1; i++ {
		if cells[i] != "" {
			cells[i] = omitted
		}
	}
	return cells
}

func (s *daySheet) hour(at clock.Instant) string {
	return at.Time().In(s.zone).Format("15:04:05-07:00")
}

func (s *daySheet) moment(at clock.Instant) string {
	return at.Time().In(s.zone).Format("2006-01-02T15:04:05-07:00")
}

// writeCSV writes one line. Cells that a sheet would compute are given a sign in
// front, as in all files of this program.
func writeCSV(b *bytes.Buffer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(';')
		}
		if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") && c != "-" {
			c = "'" + c
		}
		if strings.ContainsAny(c, ";\"\r\n") {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		b.WriteString(c)
	}
	b.WriteString("\r\n")
}
