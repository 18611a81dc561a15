package textfold

import "strings"

// stop holds the folded words that stand in nearly every Italian text and so
// find nothing. Negations are among them: nobody searches a mailbox for "non".
var stop = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(stopItalian) {
		m[w] = true
	}
	return m
}()

const stopItalian = `
il lo la gli le un uno una
di da in con su per tra fra
del dello della dell dei degli delle
al allo alla all ai agli alle
dal dallo dalla dall dai dagli dalle
nel nello nella nell nei negli nelle
sul sullo sulla sull sui sugli sulle
col coi
ed od ma se che chi cui non ne ci vi mi ti si
io tu lui lei noi voi loro me te
mio mia miei mie tuo tua tuoi tue suo sua suoi sue
nostro nostra nostri nostre vostro vostra vostri vostre
questo questa questi queste quest quello quella quelli quelle quell quel quei quegli
come dove quando perche quanto quale quali
anche piu molto poco gia ancora sempre mai solo
sono sei siamo siete era erano essere stato stata stati state sia
ho hai ha abbiamo avete hanno avere avuto aveva
`
