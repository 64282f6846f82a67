package login

import (
	_ "embed"
	"html/template"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/op"
	"go.uber.org/zap"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// maxForm bounds the sign-in form.
const maxForm = 4 << 10

func parsePage() (*template.Template, error) { return template.New("page").Parse(pageHTML) }

// page shows the demo users.
func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	if _, err := p.storage.AuthRequestByID(r.Context(), id); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	err := p.template.Execute(w, struct {
		ID    string
		Users []User
	}{id, users()})
	if err != nil {
		p.log.Info("Login: page not sent", zap.NamedError("error_message", err))
	}
}

func (p *Provider) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(pageCSS)) // the browser may be gone
}

// signIn takes the choice and sends the browser on with a code.
func (p *Provider) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	user, err := userNamed(r.PostFormValue("user"))
	if err != nil {
		http.Error(w, "there is no such user", http.StatusBadRequest)
		return
	}
	id := r.PostFormValue("id")
	if err := p.storage.signIn(id, user); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.log.Info("Login: signed in", zap.String("role", user.Name))
	ctx := op.ContextWithIssuer(r.Context(), p.storage.signer.issuer)
	http.Redirect(w, r, op.AuthCallbackURL(p.op)(ctx, id), http.StatusSeeOther)
}
