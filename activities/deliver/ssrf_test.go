package deliver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// zone is what the name server of the tests knows: for each name its answers, in
// turn, the last one again and again. An answer is addresses, and a name with a
// dot at its end for a CNAME. A name without answers is never answered.
type zone map[string][][]string

// names is a zone that libc's resolver would make of numbers, and more.
func names() zone {
	once := func(answer ...string) [][]string { return [][]string{answer} }
	const public = "93.184.215.14"
	return zone{
		"localhost.": once("127.0.0.1", "::1"), "loopback.test.": once("127.0.0.1"), "loopback6.test.": once("::1"),
		"mapped.test.": once("::ffff:127.0.0.1"), "nat64.test.": once("64:ff9b::7f00:1"), "nat64-metadata.test.": once("64:ff9b::a9fe:a9fe"),
		"private.test.": once("10.0.0.1", "fd12::1"), "unspecified.test.": once("0.0.0.0", "::"),
		"metadata.google.internal.": once("169.254.169.254"), "metadata.test.": once("169.254.169.254", "fd00:ec2::254"),
		"alias.test.": once("metadata.google.internal.", "169.254.169.254"), "chain.test.": once("alias.test.", "metadata.google.internal.", "169.254.169.254"),
		"mixed.test.": once(public, "::1"), "mixed6.test.": once("127.0.0.1", "2606:4700::1111"), "many.test.": once(public, "127.0.0.1", "10.0.0.1"),
		"public.test.": once(public), "rebind.test.": {{public}, {"127.0.0.1"}},
		"0x7f.0.0.1.": once("127.0.0.1"), "0x7f.1.": once("127.0.0.1"), "0x7f000001.": once("127.0.0.1"), "0xa9fea9fe.": once("169.254.169.254"),
		"127.0.0.1.": once("127.0.0.1"), "127.1.": once("127.0.0.1"), "2130706433.": once("127.0.0.1"), "0177.0.0.1.": once("127.0.0.1"), "0.": once("0.0.0.0"),
		"silent.test.": nil,
	}
}

// resolver starts a name server on loopback and gives what asks it, and nobody
// else.
func resolver(t *testing.T, z zone) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		asked := map[string]int{}
		buffer := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := z.answer(buffer[:n], asked); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answer makes the answer to one query; asked counts the questions for A.
func (z zone) answer(query []byte, asked map[string]int) []byte {
	var in dnsmessage.Message
	if err := in.Unpack(query); err != nil || len(in.Questions) != 1 {
		return nil
	}
	question := in.Questions[0]
	name := strings.ToLower(question.Name.String())
	out := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: in.ID, Response: true, RecursionDesired: true, RecursionAvailable: true},
		Questions: in.Questions,
	}
	answers, known := z[name]
	switch {
	case !known:
		out.RCode = dnsmessage.RCodeNameError
	case len(answers) == 0:
		return nil
	default:
		turn := min(asked[name], len(answers)-1)
		if question.Type == dnsmessage.TypeA {
			asked[name]++
		}
		out.Answers = records(question, answers[turn])
	}
	packed, err := out.Pack()
	if err != nil {
		return nil
	}
	return packed
}

func records(question dnsmessage.Question, answer []string) []dnsmessage.Resource {
	var all []dnsmessage.Resource
	owner := question.Name
	for _, text := range answer {
		header := dnsmessage.ResourceHeader{Name: owner, Class: dnsmessage.ClassINET}
		address, err := netip.ParseAddr(text)
		switch {
		case err != nil:
			header.Type = dnsmessage.TypeCNAME
			alias := dnsmessage.MustNewName(text)
			all = append(all, dnsmessage.Resource{Header: header, Body: &dnsmessage.CNAMEResource{CNAME: alias}})
			owner = alias
		case address.Is4() && question.Type == dnsmessage.TypeA:
			header.Type = dnsmessage.TypeA
			all = append(all, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
		case address.Is6() && question.Type == dnsmessage.TypeAAAA:
			header.Type = dnsmessage.TypeAAAA
			all = append(all, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
		}
	}
	return all
}

// askingTest lets a sender ask the tests' name server.
func askingTest(t *testing.T) func(*Sender) {
	t.Helper()
	r := resolver(t, names())
	return func(s *Sender) {
		s.dialer.Resolver = r
		s.dialer.Timeout = 200 * time.Millisecond
	}
}

// trap is a listener on loopback that nothing may reach.
type trap struct {
	port    string
	ipv6    bool // as far as this machine has it
	reached atomic.Int32
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	trap := &trap{}
	v4, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, trap.port, err = net.SplitHostPort(v4.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	listeners := []net.Listener{v4}
	if v6, err := net.Listen("tcp6", "[::1]:"+trap.port); err == nil {
		trap.ipv6 = true
		listeners = append(listeners, v6)
	}
	var group sync.WaitGroup
	for _, listener := range listeners {
		group.Go(func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				trap.reached.Add(1)
				_ = conn.Close()
			}
		})
	}
	t.Cleanup(func() {
		for _, listener := range listeners {
			_ = listener.Close()
		}
		group.Wait()
	})
	return trap
}

// hunt sends to a target whose every port leads to the trap, with names out of
// the tests' zone. It gives what became of the attempt, and the addresses that
// the guard let pass. Of those only loopback is dialled, to be caught by the trap:
// the test leaves the machine alone.
func (trap *trap) hunt(t *testing.T, s *Sender, names *net.Resolver) (reply, []string) {
	t.Helper()
	s.timeout = 2 * time.Second
	s.dialer.Resolver = names
	var mu sync.Mutex
	var passed []string
	if guarded := s.dialer.ControlContext; guarded != nil {
		s.dialer.ControlContext = func(ctx context.Context, network, address string, raw syscall.RawConn) error {
			if err := guarded(ctx, network, address, raw); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			passed = append(passed, address)
			if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
				return errors.New("stopped by the test")
			}
			return nil
		}
	}
	transport := s.client.Transport.(*http.Transport)
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return s.dialer.DialContext(ctx, network, net.JoinHostPort(host, trap.port))
	}
	r := s.Send(t.Context(), "msg_1", []byte("{}"))
	transport.CloseIdleConnections()
	mu.Lock()
	defer mu.Unlock()
	return r, passed
}

func TestSender_ReachesNothingInside(t *testing.T) {
	t.Parallel()
	trap := newTrap(t)
	asked := resolver(t, names())
	targets := []string{
		// Loopback, in the ways to write it.
		"https://127.0.0.1/", "https://127.0.0.1:8443/", "https://127.0.0.1./", "https://127.1/", "https://127.0.1/", "https://127.255.255.254/",
		"https://2130706433/", "https://017700000001/", "https://0177.0.0.1/", "https://0177.0.0.01/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0x7f.1/",
		"https://0/", "https://0.0.0.0/", "https://0.0.0.1/", "https://00000000177.0.0.1/", "https://127.0.0.1%00.test/", "https://%31%32%37.0.0.1/",
		"https://１２７.0.0.1/", "https://⑫7.0.0.1/", "https://127。0。0。1/", "https://127.0.0.1\u200b/",
		"https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::1]:8443/", "https://[::1%25lo]/", "https://[fe80::1%25lo]/", "https://[fe80::1]/",
		// IPv6 that stands for IPv4.
		"https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:7f00:1]/", "https://[::127.0.0.1]/", "https://[::ffff:0:127.0.0.1]/",
		"https://[64:ff9b::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1:7f00:0:100::]/", "https://[64:ff9b:1::7f00:1]/",
		"https://[2002:7f00:1::]/", "https://[2002:a9fe:a9fe::1]/", "https://[2001:0:7f00:1:8000:63bf:fefe:fefe]/", "https://[2001:0:101:101:8000:63bf:80ff:fffe]/",
		"https://[2606:4700::5efe:7f00:1]/",
		// Names.
		"https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://loopback.test/", "https://loopback6.test/", "https://mapped.test/",
		"https://nat64.test/", "https://private.test/", "https://unspecified.test/",
		"https://metadata.google.internal/computeMetadata/v1/", "https://metadata.test/", "https://alias.test/", "https://chain.test/",
		// Metadata services.
		"https://169.254.169.254/latest/meta-data/", "https://169.254.170.2/v2/credentials", "https://2852039166/", "https://0xa9fea9fe/", "https://0251.0376.0251.0376/",
		"https://[::ffff:169.254.169.254]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[fd00:ec2::254]/", "https://[fd20:ce::254]/", "https://100.100.100.200/",
		"https://168.63.129.16/", "https://192.0.0.192/",
		// Private networks and the rest that is not the Internet.
		"https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.0.1/", "https://100.64.0.1/", "https://198.18.0.1/", "https://224.0.0.1/", "https://255.255.255.255/",
		"https://[fc00::1]/", "https://[fd12::1]/", "https://[ff02::1]/", "https://[2001:db8::1]/", "https://[100::1]/",
		// Users, ports, schemes, and URLs that two readers read in two ways.
		"https://public.test@127.0.0.1/", "https://127.0.0.1@public.test/", "https://public.test:443@127.0.0.1/", "https://127.0.0.1#@public.test/",
		"https://127.0.0.1\\@public.test/", "https://public.test\\@127.0.0.1/", "https://127.0.0.1:22/", "https://127.0.0.1:80/", "https://127.0.0.1:5432/", "https://127.0.0.1:0443/",
		"http://127.0.0.1/", "http://public.test/", "ftp://127.0.0.1/", "gopher://127.0.0.1:443/_x", "file:///etc/passwd", "unix:///run/docker.sock", "//127.0.0.1/", "https:127.0.0.1",
		"https:///127.0.0.1/", "https://127.0.0.1:443\r\nHost: public.test/", "https://[::1/", "https://:443/", "https://%5B::1%5D/",
	}
	sent := 0
	for _, target := range targets {
		s, err := NewSender(Target{URL: target, Secrets: fixed(secret('a'))}, time.Now)
		if err != nil {
			continue // not even a target
		}
		sent++
		r, passed := trap.hunt(t, s, asked)
		if r.failure == nil || r.status != 0 || len(passed) > 0 {
			t.Errorf("%s: %+v, let pass %v", target, r, passed)
		}
		if r.failure != nil && r.failure.cause != lead.CauseBlocked && r.failure.cause != lead.CauseDNS && trap.ipv6 {
			t.Errorf("%s: %s, want blocked or no such name", target, r.failure.cause)
		}
	}
	if n := trap.reached.Load(); n != 0 {
		t.Errorf("%d connections reached the listener on loopback", n)
	}
	if sent < 40 {
		t.Errorf("%d of %d targets got as far as an attempt", sent, len(targets))
	}
	t.Logf("%d targets, %d refused by their URL, %d by their address or for want of one", len(targets), len(targets)-sent, sent)
}

// The resolver of libc makes addresses of numbers, which Go's does not. Which of
// the two answers is a matter of the build and the machine.
func TestSender_NoResolverMakesAWayInside(t *testing.T) {
	t.Parallel()
	trap := newTrap(t)
	for _, host := range []string{"localhost", "127.1", "0", "2130706433", "017700000001", "0177.0.0.1", "127.0.1", "2852039166"} {
		if r, passed := trap.hunt(t, strict(t, "https://"+host+"/"), nil); r.failure == nil || len(passed) > 0 {
			t.Errorf("%s: %+v, let pass %v", host, r.failure, passed)
		}
	}
	if n := trap.reached.Load(); n != 0 {
		t.Errorf("%d connections reached the listener on loopback", n)
	}
}

// One of several addresses may be public: that one may be dialled, and no other.
func TestSender_DialsOnlyThePublicAddressOfSeveral(t *testing.T) {
	t.Parallel()
	trap := newTrap(t)
	asked := resolver(t, names())
	targets := map[string]string{"https://mixed.test/": "93.184.215.14", "https://many.test/": "93.184.215.14"}
	if trap.ipv6 {
		targets["https://mixed6.test/"] = "2606:4700::1111"
	}
	for target, want := range targets {
		r, passed := trap.hunt(t, strict(t, target), asked)
		if r.failure == nil || len(passed) != 1 || passed[0] != net.JoinHostPort(want, trap.port) {
			t.Errorf("%s: %+v, let pass %v", target, r.failure, passed)
		}
	}
	if n := trap.reached.Load(); n != 0 {
		t.Errorf("%d connections reached the listener on loopback", n)
	}
}

// The name is public while the target is set up and checked, and loopback when
// the event is sent.
func TestSender_IsNotFooledByRebinding(t *testing.T) {
	t.Parallel()
	trap := newTrap(t)
	asked := resolver(t, names())
	if _, passed := trap.hunt(t, strict(t, "https://rebind.test/"), asked); fmt.Sprint(passed) != "[93.184.215.14:"+trap.port+"]" {
		t.Fatalf("first answer: let pass %v, want the public address", passed)
	}
	for range 3 {
		r, passed := trap.hunt(t, strict(t, "https://rebind.test/"), asked)
		if r.failure == nil || r.failure.cause != lead.CauseBlocked || len(passed) > 0 {
			t.Errorf("second answer: %+v, let pass %v", r.failure, passed)
		}
	}
	if n := trap.reached.Load(); n != 0 {
		t.Errorf("%d connections reached the listener on loopback", n)
	}
}

func strict(t *testing.T, url string) *Sender {
	t.Helper()
	s, err := NewSender(Target{URL: url, Secrets: fixed(secret('a'))}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A private network is open by configuration; metadata services are not, and no
// detour leads there.
func TestSender_ReachesNoMetadataServiceOfAPrivateNetwork(t *testing.T) {
	t.Parallel()
	trap := newTrap(t)
	asked := resolver(t, names())
	for _, target := range []string{
		"https://169.254.169.254/", "https://169.254.170.2/", "https://100.100.100.200/", "https://168.63.129.16/", "https://192.0.0.192/",
		"https://[fd00:ec2::254]/", "https://[fd00:ec2::23]/", "https://[fd20:ce::254]/", "https://[fd00:42::42]/", "https://[fe80::a9fe:a9fe]/", "https://[fe80::1%25lo]/",
		"https://[::ffff:169.254.169.254]/", "https://[::169.254.169.254]/", "https://[::ffff:0:169.254.169.254]/",
		"https://[64:ff9b::169.254.169.254]/", "https://[64:ff9b:1::a9fe:a9fe]/", "https://[64:ff9b:1:a9fe:a9:fe00::]/", "https://[64:ff9b::100.100.100.200]/",
		"https://[2002:a9fe:a9fe::1]/", "https://[2001:0:a9fe:a9fe:8000:63bf:fefe:fefe]/", "https://[2001:0:101:101:8000:63bf:5601:5601]/", "https://[2606:4700::5efe:a9fe:a9fe]/",
		"https://metadata.google.internal/", "https://metadata.test/", "https://alias.test/", "https://chain.test/", "https://nat64-metadata.test/", "https://0xa9fea9fe/",
		"https://0.0.0.0/", "https://[::]/", "https://unspecified.test/", "https://224.0.0.1/",
		"http://10.0.0.1/", "http://169.254.169.254/", "http://public.test/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
	} {
		s, err := NewSender(Target{URL: target, Secrets: fixed(secret('a')), Private: true}, time.Now)
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		if r, passed := trap.hunt(t, s, asked); r.failure == nil || r.failure.cause != lead.CauseBlocked && trap.ipv6 || len(passed) > 0 {
			t.Errorf("%s: %+v, let pass %v", target, r.failure, passed)
		}
	}
	if n := trap.reached.Load(); n != 0 {
		t.Errorf("%d connections reached the listener on loopback", n)
	}
}

// The trap catches: without the guard, targets of the table are reached.
func TestSender_TrapWouldTell(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"https://127.0.0.1/", "https://localhost/", "https://loopback.test/", "https://mapped.test/", "https://0x7f.1/"} {
		trap := newTrap(t)
		s := strict(t, target)
		s.dialer.ControlContext = nil
		if r, _ := trap.hunt(t, s, resolver(t, names())); r.failure == nil || r.failure.cause == lead.CauseBlocked || trap.reached.Load() == 0 {
			t.Errorf("%s without a guard: %+v, reached %d", target, r.failure, trap.reached.Load())
		}
	}
}

func TestSender_FollowsNoRedirectInside(t *testing.T) {
	t.Parallel()
	trap := newTrap(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"http://127.0.0.1:" + trap.port + "/", "http://169.254.169.254/latest/", "//localhost:" + trap.port, "/again"} {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.Header().Set("Location", location)
				w.Header().Set("Refresh", "0; url="+location)
				w.WriteHeader(status)
			}))
			r := toLoopback(t, server.URL, false).Send(t.Context(), "msg_1", []byte("{}"))
			server.Close()
			if r.status != status || calls.Load() != 1 || !errors.Is(r.failure, lead.ErrFibonacciRejected) || r.failure.cause != lead.CauseHTTP {
				t.Errorf("%d to %s: %+v after %d calls", status, location, r, calls.Load())
			}
		}
	}
	if n := trap.reached.Load(); n != 0 {
		t.Errorf("%d connections reached the listener on loopback", n)
	}
}

func TestSender_ObeysNoProxyOfTheEnvironment(t *testing.T) {
	// Not parallel: it sets variables of the process.
	trap := newTrap(t)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "http://127.0.0.1:"+trap.port)
	}
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	s, err := NewSender(Target{URL: "https://public.test/", Secrets: fixed(secret('a')), Private: true}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	asked := resolver(t, names())
	if r, passed := trap.hunt(t, s, asked); r.failure == nil || fmt.Sprint(passed) != "[93.184.215.14:"+trap.port+"]" {
		t.Errorf("%+v, let pass %v", r.failure, passed)
	}
	if n := trap.reached.Load(); n != 0 {
		t.Errorf("the proxy was asked %d times", n)
	}
	// One that does obey shows that it would have been seen.
	s.client.Transport.(*http.Transport).Proxy = http.ProxyFromEnvironment
	if r, _ := trap.hunt(t, s, asked); r.failure == nil || trap.reached.Load() == 0 {
		t.Errorf("an obedient client: %+v, the proxy was asked %d times", r.failure, trap.reached.Load())
	}
}
