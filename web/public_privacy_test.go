package web

import (
	"net/http"
	"strings"
	"testing"

	"filodiretto/internal/config"
)

// TestPrivacyPage: the notice stands without configuration, says what is
// configured, takes the municipality's own text, and leads nowhere that is not.
func TestPrivacyPage(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		c := e.deps.Config
		c.Privacy = config.Privacy{Controller: "Comune di Pontelieto"}
		b := e.stranger()
		p := b.get("/p/privacy").want(http.StatusOK, "<title>", "Come usiamo i tuoi dati", "Comune di Pontelieto", "Garante", `data-element="privacy-policy-link"`, `href="/p/privacy"`)
		p.without("Responsabile della protezione", "informativa completa", `href=""`)
		b.get("/p/privacy?lang=en").want(http.StatusOK, `<html lang="en"`, "How we use your data", "Your rights")
		b.get("/p/case").want(http.StatusOK, `href="/p/privacy"`)

		c.Privacy = config.Privacy{
			Controller: "Comune <di> Pontelieto", ControllerContact: "comune@pec.pontelieto.example", DPOContact: "dpo@comune.pontelieto.example",
			Retention: "Dieci anni.", RetentionEN: "Ten years.", Link: "https://www.comune.pontelieto.example/privacy",
		}
		c.Contact = config.Contact{Phone: "0371 555 100", Hours: []string{"lunedì 9-12"}, AccessURL: "https://form.example/a"}
		b.get("/p/privacy?lang=it").want(http.StatusOK, "Comune &lt;di&gt; Pontelieto", "comune@pec.pontelieto.example", "dpo@comune.pontelieto.example", "Dieci anni.",
			`href="https://www.comune.pontelieto.example/privacy"`, "0371 555 100", "lunedì 9-12", `href="https://form.example/a"`)
		b.get("/p/privacy?lang=en").want(http.StatusOK, "Ten years.")

		admin := e.as("admin")
		admin.get("/admin/texts").want(http.StatusOK, "/admin/texts/privacy_page/all/it").without("/admin/texts/privacy_page/sms", "/admin/texts/privacy_page/mail")
		admin.get("/admin/texts/privacy_page/mail/it").want(http.StatusNotFound)
		f := admin.get("/admin/texts/privacy_page/all/it").want(http.StatusOK, "{dpo_contact}", "Chi usa i tuoi dati")
		seen := f.field("seen")
		admin.post("/admin/texts/privacy_page/all/it", "subject", "La nostra informativa", "body", "# Chi\n<b>{controller}</b> {boh}", "seen", seen).want(http.StatusUnprocessableEntity, "boh")
		admin.post("/admin/texts/privacy_page/all/it", "subject", "La nostra informativa", "body", "# Chi\n<b>{controller}</b>", "seen", seen).to("/admin/texts")
		own := b.get("/p/privacy?lang=it").want(http.StatusOK, "<h1", "La nostra informativa", "<h2>Chi</h2>", "&lt;b&gt;Comune &lt;di&gt; Pontelieto&lt;/b&gt;")
		if strings.Contains(own.Body, "Garante") {
			t.Error("the built-in text is shown beside the municipality's own")
		}
		b.get("/p/privacy?lang=en").want(http.StatusOK, "How we use your data") // no own text in English
	})
}
