package service

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// metadata are the addresses besides those of the link at which clouds give their
// machines credentials.
func metadata() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("fd00:ec2::254/128"),  // AWS
		netip.MustParsePrefix("fd20:ce::254/128"),   // Google Cloud
		netip.MustParsePrefix("100.100.100.200/32"), // Alibaba Cloud
		netip.MustParsePrefix("192.0.0.192/32"),     // Oracle Cloud
	}
}

// nat64 is the well-known prefix that hides an IPv4 address (RFC 6052).
const nat64 = "64:ff9b::/96"

// httpClient is the client that a source sends its requests with. Who may write
// a connector's configuration decides where it goes, and must not get at what
// only this machine may see: unless they are allowed, addresses of the link and
// of the cloud's metadata are refused when they are dialled, whatever name or
// redirection led to them.
func httpClient(linkLocal bool) *http.Client {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	if !linkLocal {
		dialer.Control = refuseLinkLocal
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = dialer.DialContext
	transport.MaxIdleConnsPerHost = 16
	transport.ResponseHeaderTimeout = 2 * time.Minute
	return &http.Client{Transport: transport}
}

// refuseLinkLocal sees the address that a name was resolved to.
func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("the address %s can't be read", address)
	}
	ip := at.Addr().Unmap().WithZone("")
	if inner := ip.As16(); netip.MustParsePrefix(nat64).Contains(ip) {
		ip = netip.AddrFrom4([4]byte(inner[12:]))
	}
	refused := ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast() || ip.IsMulticast()
	for _, prefix := range metadata() {
		refused = refused || prefix.Contains(ip)
	}
	if refused {
		return fmt.Errorf("%s is an address of this machine's link or of its cloud's metadata; if a source is really there, set service.allow_link_local", ip)
	}
	return nil
}
