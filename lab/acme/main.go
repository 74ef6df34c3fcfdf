// The lab's Let's Encrypt: its test server Pebble, under the name and path at which kamal-proxy looks for Let's Encrypt, and a DNS server
// for its validations. 10-0-0-11.shop.example is the machine 10.0.0.11; no other name exists.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

const (
	name     = "acme-v02.api.letsencrypt.org"
	path     = "/directory"
	refused  = "refused.example"
	identity = "lab.letsencrypt.org"
)

func main() {
	validity, err := strconv.ParseUint(os.Getenv("ACME_VALIDITY"), 10, 64)
	must(err)
	logger := log.New(os.Stdout, "", log.LstdFlags)
	store := db.NewMemoryStore()
	must(store.AddBlockedDomain(refused))
	profiles := map[string]ca.Profile{"default": {Description: "the only one", ValidityPeriod: validity}}
	authority := ca.New(logger, store, "", "ecdsa", 0, 1, profiles)
	validator := va.New(logger, 80, 443, false, serveNames(), store)
	front := wfe.New(logger, store, validator, authority, []string{identity}, false, false, 1, 1)

	folder := os.Getenv("ACME_FOLDER")
	certificate := selfSigned()
	must(os.WriteFile(filepath.Join(folder, "root.pem"), authority.GetRootCert(0).PEM(), 0o644))
	endpoint := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	must(os.WriteFile(filepath.Join(folder, "endpoint.pem"), endpoint, 0o644))

	pebble := front.Handler()
	server := http.Server{
		Addr:      os.Getenv("ACME_ADDRESS"),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				r.URL.Path = wfe.DirectoryPath
			}
			// Let's Encrypt says where the order is, and Go's client asks there; Pebble does not say it.
			if order, found := strings.CutPrefix(r.URL.Path, "/finalize-order/"); found {
				w.Header().Set("Location", "https://"+r.Host+"/my-order/"+order)
			}
			pebble.ServeHTTP(w, r)
		}),
	}
	log.Fatal(server.ListenAndServeTLS("", ""))
}

var written = regexp.MustCompile(`^(\d+)-(\d+)-(\d+)-(\d+)\.`)

// serveNames answers on a free port of this machine.
func serveNames() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	answer := func(w dns.ResponseWriter, question *dns.Msg) {
		reply := new(dns.Msg)
		reply.SetReply(question)
		address := written.FindStringSubmatch(question.Question[0].Name)
		switch {
		case address == nil:
			reply.Rcode = dns.RcodeNameError
		case question.Question[0].Qtype == dns.TypeA:
			header := dns.RR_Header{Name: question.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}
			reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: net.ParseIP(strings.Join(address[1:], "."))})
		}
		w.WriteMsg(reply)
	}
	go func() {
		log.Fatal((&dns.Server{Listener: listener, Handler: dns.HandlerFunc(answer)}).ActivateAndServe())
	}()
	return listener.Addr().String()
}

// selfSigned is what the server shows as Let's Encrypt; the proxy has to be made to trust it.
func selfSigned() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		DNSNames:              []string{name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
