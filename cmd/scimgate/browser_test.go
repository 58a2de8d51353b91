package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tab is one tab of a real Chromium, which SCIMGATE_TEST_BROWSER names.
type tab struct {
	testing.TB
	ctx  context.Context // chromedp's handle on the tab
	base string          // of the console
}

// step is what is done in a tab.
type step = chromedp.Action[chromedp.Void]

// openBrowser starts a Chromium with a fresh profile, and fails the test for
// whatever a page's policy refuses or a script throws.
func openBrowser(t *testing.T, base string) *tab {
	t.Helper()
	path := os.Getenv("SCIMGATE_TEST_BROWSER")
	if path == "" {
		t.Skip("SCIMGATE_TEST_BROWSER is not set") // .ci/run sets it, and .ci/report takes a skip for a failure
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{TB: t, ctx: ctx, base: base}
	b.watch()
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// watch makes the test fail for an error in the browser's console. That a page was
// answered 401 or 404 is none.
func (b *tab) watch() {
	messages := chromedp.Console(b.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Source != "network" && (m.Type == chromedp.ConsoleError || m.IsException()) {
				b.Errorf("the browser complains: %s (%s:%d)", m, m.URL, m.Line)
			}
		}
	}()
	b.Cleanup(func() { _ = chromedp.Cancel(b.ctx); <-done })
}

// do takes steps, each within a time that a working page never needs.
func (b *tab) do(steps ...step) {
	b.Helper()
	for _, one := range steps {
		err := b.try(one)
		for range 2 { // a page that has just come: the place where scripts ran went with the one before
			if err != nil && strings.Contains(err.Error(), "Cannot find context") {
				err = b.try(one)
			}
		}
		if err != nil {
			b.Fatalf("%v, at %s", err, b.where())
		}
	}
}

func (b *tab) try(one step) error {
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	return chromedp.Do(ctx, one)
}

func (b *tab) where() string {
	url, _ := chromedp.Run(b.ctx, chromedp.Location())
	return url
}

func (b *tab) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// press clicks what a selector finds and waits for the page that comes of it.
func (b *tab) press(selector chromedp.CSS) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(selector)); err != nil {
		b.Fatalf("press %s: %v, at %s", selector, err, b.where())
	}
}

// fill types into an empty field.
func (b *tab) fill(selector chromedp.CSS, text string) {
	b.Helper()
	b.do(chromedp.SendKeys(selector, text))
}

// write replaces what a long field holds, as pasting would.
func (b *tab) write(selector, text string) {
	b.Helper()
	literal, _ := json.Marshal(text)
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).value = %s`, selector, literal)))
}

// copied presses the copy button of a field, and returns what a paste would put.
func (b *tab) copied(field string) string {
	b.Helper()
	button := `[data-copy="` + field + `"]`
	b.do(
		chromedp.Click(chromedp.CSS(button)),
		chromedp.Poll[chromedp.Void](`document.querySelector('`+button+` span').textContent === "Copied"`),
	)
	return ask[string](b, `navigator.clipboard.readText()`)
}

// ask evaluates an expression, and waits for it.
func ask[T any](b *tab, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%v, at %s", err, b.where())
	}
	return answer
}

// reads requires words on the page, as a person reads them.
func (b *tab) reads(words ...string) {
	b.Helper()
	text := ask[string](b, `document.body.innerText`)
	for _, word := range words {
		if !strings.Contains(text, word) {
			b.Errorf("%s does not say %q:\n%s", b.where(), word, text)
		}
	}
}

// signIn signs in with the operator's key.
func (b *tab) signIn(key string) {
	b.Helper()
	b.open("/")
	b.fill("#key", key)
	b.press(`form[action$="/sign-in/key"] button`)
}

// looks are the ways in which each page is pictured.
var looks = []struct {
	name          string
	scheme        string
	width, height int64
}{{"light", "light", 1280, 900}, {"dark", "dark", 1280, 900}, {"phone", "light", 390, 844}, {"phone-dark", "dark", 390, 844}}

// picture takes the page that is open in each look, judges it with axe-core, and
// requires that nothing is wider than the screen. Pictures go to the folder that
// SCIMGATE_TEST_OUTPUT names.
func (b *tab) picture(name string) {
	b.Helper()
	for _, look := range looks {
		b.do(b.scheme(look.scheme), chromedp.EmulateViewport(look.width, look.height))
		if wide := ask[int64](b, `document.documentElement.scrollWidth`); wide > look.width {
			b.Errorf("%s is %d px wide on a screen of %d", name, wide, look.width)
		}
		b.judge(name + ", " + look.name)
		if folder := os.Getenv("SCIMGATE_TEST_OUTPUT"); folder != "" {
			b.save(filepath.Join(folder, name+"-"+look.name+".png"))
		}
	}
	b.do(chromedp.EmulateViewport(looks[0].width, looks[0].height))
}

// scheme sets what the browser says that its user prefers.
func (b *tab) scheme(name string) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: name},
				{Name: "prefers-reduced-motion", Value: "reduce"}, // colours on their way from one to the other are nobody's
			},
		})
		return err
	})
}

func (b *tab) save(path string) {
	b.Helper()
	shot, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(path, shot, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// judge has axe-core look at the page, from the file that SCIMGATE_TEST_AXE names.
// What it finds serious or critical fails the test.
func (b *tab) judge(name string) {
	b.Helper()
	path := os.Getenv("SCIMGATE_TEST_AXE")
	if path == "" {
		return
	}
	script, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	found := ask[string](b, string(script)+`;axe.run().then(r => JSON.stringify(r.violations.map(v => ({
		id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html + " " + n.failureSummary)}))))`)
	var violations []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.Fatalf("axe said %s: %v", found, err)
	}
	for _, v := range violations {
		told := fmt.Sprintf("%s: %s (%s): %s\n  %s", name, v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n  "))
		if v.Impact == "serious" || v.Impact == "critical" {
			b.Error(told)
		} else {
			b.Log(told)
		}
	}
}
