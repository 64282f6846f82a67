package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browserLimit bounds one test's use of the browser.
const browserLimit = time.Minute

// browser is the one Chromium of the package, started by the first test that
// needs it. Every tab has a profile of its own.
var (
	browserOnce  sync.Once
	browser      context.Context
	closeBrowser = func() {}
	errBrowser   error
)

func startBrowser() {
	path, err := exec.LookPath("chromium")
	if err != nil {
		errBrowser = err
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // the tests also run as root
		chromedp.Flag("headless", "new"),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	allocator, freeAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeFirst := chromedp.NewContext(allocator)
	browser = ctx
	closeBrowser = func() { closeFirst(); freeAllocator() }
	errBrowser = chromedp.Do(ctx) // starts it
}

// tab is a page in the browser, as one caller sees the site.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	messages []string // of the console; what the network answered is left out
	posts    int      // leads that were sent
}

// newTab opens an empty tab of a caller at an address, with or without
// JavaScript. When the test ends it fails for every console message, such as an
// exception or a violation of the content security policy.
func newTab(t *testing.T, address string, script bool) *tab {
	t.Helper()
	browserOnce.Do(startBrowser)
	if errBrowser != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no browser: %v", errBrowser)
		}
		t.Skipf("no browser, apt-get install chromium to run this: %v", errBrowser)
	}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	ctx, cancel := context.WithTimeout(ctx, browserLimit)
	b := &tab{t: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		closeTab()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, m := range b.messages {
			t.Errorf("console: %s", m)
		}
	})
	b.do(chromedp.Navigate("about:blank"))
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("listen to the tab: %v", err)
	}
	command(b, network.Enable, network.EnableParams{})
	command(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"X-Forwarded-For": address}})
	// A page that scrolls smoothly moves away under a click.
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
	return b
}

func (b *tab) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		b.messages = append(b.messages, fmt.Sprintf("console.%s", ev.Type))
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if thrown := ev.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		b.messages = append(b.messages, "exception: "+text)
	case *cdplog.EventEntryAdded:
		if ev.Entry.Source != cdplog.EntrySourceNetwork { // an answer of 422 is an entry too
			b.messages = append(b.messages, fmt.Sprintf("%s: %s", ev.Entry.Source, ev.Entry.Text))
		}
	case *network.EventRequestWillBeSent:
		if ev.Request.Method == http.MethodPost && strings.HasSuffix(ev.Request.URL, "/api/leads") {
			b.posts++
		}
	case *page.EventJavascriptDialogOpening:
		b.messages = append(b.messages, "dialog: "+ev.Message)
	}
}

// sent gives the number of leads that were sent so far.
func (b *tab) sent() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.posts
}

// do runs actions that must succeed.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// command sends a command of the protocol.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, c, params)
	if err != nil {
		b.t.Fatalf("browser: %s: %v", c.Method, err)
	}
	return result
}

// look evaluates an expression in the page. The browser does so for its
// debugger even where the page's own scripts are off.
func look[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("browser: %s: %v", expression, err)
	}
	return v
}

// open goes to a page of the site.
func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(up.URL + path))
}

// fill types into fields by their ids, in place of what is there.
func (b *tab) fill(answers map[string]string) {
	b.t.Helper()
	for id, text := range answers {
		look[string](b, fmt.Sprintf(`document.getElementById(%q).value = ""`, id))
		b.do(chromedp.SendKeys(chromedp.ID(id), text))
	}
}

// click clicks on the element with an id.
func (b *tab) click(id string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.ID(id)))
}

// wait waits until an expression is true in whatever page the tab shows.
func (b *tab) wait(expression string) {
	b.t.Helper()
	eventually(b.t, soon, func() error {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && !ok {
			err = fmt.Errorf("not so: %s", expression)
		}
		return err
	})
}

// receipt waits for the receipt page and gives the reference it shows.
func (b *tab) receipt(path string) string {
	b.t.Helper()
	b.wait(fmt.Sprintf(`location.pathname === %q && document.getElementById("reference")`, path))
	return look[string](b, `document.getElementById("reference").textContent`)
}

// summary waits for the error summary and gives its lines.
func (b *tab) summary() []string {
	b.t.Helper()
	b.wait(`document.getElementById("summary") && !document.getElementById("summary").hidden && document.readyState === "complete"`)
	return look[[]string](b, `[...document.querySelectorAll("#summary-list li")].map((line) => line.textContent)`)
}
