package service_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/service"
)

// Every spelling of an address that only this machine should see is refused
// before a byte is sent; a redirection leads there no more than a name.
func TestLinkLocalAddressesAreRefused(t *testing.T) {
	const refused = "an address of this machine's link or of its cloud's metadata"
	client := service.HTTPClient(false)
	defer client.CloseIdleConnections()
	for _, host := range []string{
		"169.254.169.254", "169.254.170.2:51678", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:a9fe:a9fe]",
		"[fe80::1]", "[fe80::a9fe:a9fe]:80", "[febf::1]", "[fd00:ec2::254]", "[FD00:EC2:0::0254]", "[fd20:ce::254]", "100.100.100.200", "192.0.0.192",
		"[64:ff9b::a9fe:a9fe]", "[64:ff9b::169.254.169.254]", "224.0.0.1", "[ff02::1]", "169.254.0.1", "169.254.255.255", "[fe80::ffff:ffff]",
	} {
		resp, err := client.Get("http://" + host + "/latest/meta-data/")
		if err == nil {
			resp.Body.Close()
		}
		require.ErrorContains(t, err, refused, host)
	}
	to := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, to, http.StatusFound)
	}))
	defer server.Close()
	for _, to = range []string{"http://169.254.169.254/", "http://[fd00:ec2::254]/"} {
		resp, err := client.Get(server.URL)
		if err == nil {
			resp.Body.Close()
		}
		require.ErrorContains(t, err, refused)
	}
	to = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/end"
	resp, err := client.Get(server.URL)
	require.NotContains(t, errText(err), refused, "an address of this network is none of those")
	if err == nil {
		resp.Body.Close()
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
