/* peer.c - WS-RM lab peer on gSOAP's wsrm plugin; one binary per RM version, both roles.
   peer server PORT [owack=0|1] [wait=S]
   peer client URL SPEC step... */
#include "soapH.h"
#include "wsaapi.h"
#include "wsrmapi.h"
#include "tempuri.nsmap"
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>

static int o_wait = 2, o_owack = 1, o_offer = 1, o_retry = 1000, o_acks, o_tries = 5;
static const char *o_if = "IEcho";

static void ev(const char *fmt, ...)
{ va_list a; va_start(a, fmt); vprintf(fmt, a); va_end(a); putchar('\n'); fflush(stdout); }

static void ev_fault(struct soap *soap, const char *step, const char *arg)
{
  const char *sub = NULL, *str = NULL; char *p, *d;
  soap_set_fault(soap);
  sub = soap_fault_subcode(soap); str = soap_fault_string(soap);
  d = strdup(str ? str : "-"); for (p = d; *p; p++) if (*p == '\n') *p = ' ';
  ev("%s(%s) -> EXC [gSOAP error=%d code=%s subcode=%s] %s", step, arg ? arg : "", soap->error, *soap_faultcode(soap) ? *soap_faultcode(soap) : "-", sub ? sub : "-", d);
  free(d);
}

/* ---------------------------------------------------------------- server ops */
static void slow(const char *t) { if (t && !strncmp(t, "sleep:", 6)) usleep(1000 * atoi(t + 6)); }

static const char *reply_action(struct soap *soap)
{
  const char *a = soap->header ? soap->header->wsa5__Action : NULL; char *r;
  if (!a) a = "http://tempuri.org/IEcho/Echo";
  r = (char*)soap_malloc(soap, strlen(a) + 9); strcpy(r, a); strcat(r, "Response");
  return r;
}

int ns__Echo(struct soap *soap, char *text, struct ns__EchoResponse *out)
{
  const char *ra = reply_action(soap);
  if (o_wait ? soap_wsrm_check_and_wait(soap, o_wait) : soap_wsrm_check(soap)) return soap->error;
  ev("Echo(%.60s)", text ? text : "");
  slow(text);
  if (text && !strcmp(text, "fault")) return soap_wsrm_sender_fault(soap, "app fault reason", NULL);
  out->EchoResult = text;
  return soap_wsrm_reply(soap, soap_wsa_rand_uuid(soap), ra);
}

static int send_empty_body(struct soap *soap) /* 200 + envelope with an empty Body */
{
  soap_set_version(soap, soap->version);
  soap_serializeheader(soap);
  if (soap_begin_count(soap)) return soap->error;
  if (soap->mode & SOAP_IO_LENGTH)
    if (soap_envelope_begin_out(soap) || soap_putheader(soap) || soap_body_begin_out(soap)
     || soap_body_end_out(soap) || soap_envelope_end_out(soap)) return soap->error;
  if (soap_end_count(soap) || soap_response(soap, SOAP_OK)
   || soap_envelope_begin_out(soap) || soap_putheader(soap) || soap_body_begin_out(soap)
   || soap_body_end_out(soap) || soap_envelope_end_out(soap) || soap_end_send(soap)) return soap->error;
  return soap_closesock(soap);
}

int ns__Send(struct soap *soap, char *text)
{
  int r;
  if (o_owack) r = o_wait ? soap_wsrm_check_and_wait(soap, o_wait) : soap_wsrm_check(soap);
  else r = o_wait ? soap_wsrm_check_send_empty_response_and_wait(soap, o_wait) : soap_wsrm_check_send_empty_response(soap);
  if (r) return soap->error;
  ev("Send(%.60s)", text ? text : "");
  slow(text);
  if (!o_owack) return SOAP_OK;
  if (soap_wsrm_reply_num(soap, 0)) return soap->error;   /* fills SequenceAcknowledgement */
  soap->header->wsrm__Sequence = NULL;
  soap->header->wsa5__ReplyTo = NULL;
  if (soap_wsa_reply(soap, soap_wsa_rand_uuid(soap), SOAP_NAMESPACE_OF_wsrm "/SequenceAcknowledgement")) return soap->error;
  return send_empty_body(soap);
}

int SOAP_ENV__Fault(struct soap *soap, char *faultcode, char *faultstring, char *faultactor, struct SOAP_ENV__Detail *detail,
  struct SOAP_ENV__Code *Code, struct SOAP_ENV__Reason *Reason, char *Node, char *Role, struct SOAP_ENV__Detail *Detail)
{
  ev("FAULT-RECEIVED %s / %s", faultcode ? faultcode : Code && Code->SOAP_ENV__Subcode ? Code->SOAP_ENV__Subcode->SOAP_ENV__Value : "-",
     faultstring ? faultstring : Reason ? Reason->SOAP_ENV__Text : "-");
  return soap_send_empty_response(soap, 202);
}

static void *serve_one(void *p)
{
  struct soap *s = (struct soap*)p;
  soap_serve(s);
  soap_destroy(s); soap_end(s); soap_free(s);
  return NULL;
}

static int server(struct soap *soap, int port)
{
  soap->bind_flags = SO_REUSEADDR;
  if (!soap_valid_socket(soap_bind(soap, "127.0.0.1", port, 100))) { soap_print_fault(soap, stderr); return 1; }
  ev("READY %d", port);
  soap->send_timeout = soap->recv_timeout = 10;
  for (;;)
  {
    pthread_t t; struct soap *c;
    if (!soap_valid_socket(soap_accept(soap))) continue;
    c = soap_copy(soap); pthread_create(&t, NULL, serve_one, c); pthread_detach(t);
  }
}

/* -------------------------------------------------------------------- client */
static int recv_oneway(struct soap *soap)   /* take 202, or a 200 whose header may carry acks, or a fault */
{
  if (soap_begin_recv(soap))
  {
    if (soap->error == SOAP_NO_DATA || soap->error == 202) { soap->error = SOAP_OK; soap_closesock(soap); return SOAP_OK; }
    { int e = soap->error; soap_closesock(soap); return soap->error = e; }
  }
  if (soap_envelope_begin_in(soap) || soap_recv_header(soap) || soap_body_begin_in(soap)) return soap_closesock(soap);
  if (soap_recv_fault(soap, 1)) return soap->error;
  if (soap_body_end_in(soap) || soap_envelope_end_in(soap) || soap_end_recv(soap)) return soap_closesock(soap);
  return soap_closesock(soap);
}

/* A failure in which nothing (or nothing usable) came back. soap_wsrm_check_retry() of the plugin only covers a failed send (after a failed
   receive the header is gone), so the program repeats the message with its own number and MessageID through soap_wsrm_request_num(). */
static int transport_error(struct soap *soap) { return soap->error == SOAP_EOF || soap->error == SOAP_TCP_ERROR || soap->error == SOAP_HTTP_ERROR; }

static int app(struct soap *soap, soap_wsrm_sequence_handle seq, int echo, const char *text)
{
  char act[200]; struct ns__EchoResponse res; int r, k; const char *step = echo ? "echo" : "send"; char *id = strdup(soap_wsa_rand_uuid(soap)); ULONG64 num = 0;
  snprintf(act, sizeof act, "http://tempuri.org/%s/%s", o_if, echo ? "Echo" : "Send");
  for (k = 0; ; k++)
  {
    res.EchoResult = NULL;
    if (k ? soap_wsrm_request_num(soap, seq, id, act, num) : o_acks ? soap_wsrm_request_acks(soap, seq, id, act) : soap_wsrm_request(soap, seq, id, act))
    { ev_fault(soap, step, text); return 1; }
    num = soap->header->wsrm__Sequence->MessageNumber;
    soap_wsa_add_ReplyTo(soap, soap_wsa_anonymousURI);
    if (echo) r = soap_call_ns__Echo(soap, soap_wsrm_to(seq), act, (char*)text, &res);
    else r = soap_send_ns__Send(soap, soap_wsrm_to(seq), act, (char*)text) || recv_oneway(soap);
    if (!r || !transport_error(soap) || k + 1 >= o_tries) break;
    usleep(1000 * o_retry);
  }
  if (r && !echo && (soap->error == 202 || soap->error == SOAP_NO_DATA)) r = 0;
  if (r) { ev_fault(soap, step, text); soap_closesock(soap); return 1; }
  if (echo) ev("echo(%s) -> %s", text, res.EchoResult ? res.EchoResult : ""); else ev("send(%s) returned", text);
  return 0;
}

static int closing(struct soap *soap, soap_wsrm_sequence_handle seq)
{
  int r, k;
#ifdef SOAP_WSRM_2007
  for (k = 0; ; k++)
  {
    r = soap_wsrm_close(soap, seq, soap_wsa_rand_uuid(soap));
    if (!r || !transport_error(soap) || k + 1 >= o_tries) break;
    usleep(1000 * o_retry);
  }
#else
  char *id = strdup(soap_wsa_rand_uuid(soap)); const char *la = SOAP_NAMESPACE_OF_wsrm "/LastMessage"; ULONG64 num;
  r = soap_wsrm_close(soap, seq, id); num = soap_wsrm_num(seq);
  for (k = 0; r && transport_error(soap) && k + 1 < o_tries; k++)   /* the same LastMessage again, not a new number */
  {
    usleep(1000 * o_retry);
    if (soap_wsrm_request_num(soap, seq, id, la, num)) break;
    soap->header->wsrm__Sequence->LastMessage = (struct _wsrm__UsesSequenceSSL*)soap_malloc(soap, sizeof(struct _wsrm__UsesSequenceSSL));
    soap_default__wsrm__UsesSequenceSSL(soap, soap->header->wsrm__Sequence->LastMessage);
    soap->header->__sizeAckRequested = 1;
    soap->header->wsrm__AckRequested = soap_malloc(soap, sizeof(struct wsrm__AckRequestedType));
    soap_default_wsrm__AckRequestedType(soap, soap->header->wsrm__AckRequested);
    soap->header->wsrm__AckRequested->Identifier = soap->header->wsrm__Sequence->Identifier;
    r = soap_send___wsrm__LastMessage(soap, seq->to, la) || soap_recv_empty_response(soap);
  }
#endif
  if (r) { ev_fault(soap, "close", "CloseSequence"); return 1; }
  if (soap_wsrm_nack(seq)) soap_wsrm_resend(soap, seq, 0, 0);   /* step 5 of the plugin's guide */
  for (k = 0; ; k++)
  {
    r = soap_wsrm_terminate(soap, seq, soap_wsa_rand_uuid(soap));
    if (!r || !transport_error(soap) || k + 1 >= o_tries) break;
    usleep(1000 * o_retry);
  }
  if (r) { ev_fault(soap, "close", "TerminateSequence"); return 1; }
  ev("close ok");
  return 0;
}

static void dog(int s) { (void)s; ev("LIMIT 57 s reached"); _exit(4); }

static int spec(char *s)   /* 0 or prints UNSUPPORTED */
{
  char *p; 
  for (p = strtok(s, ","); p; p = strtok(NULL, ","))
  {
    char *v = strchr(p, '='); if (!v) continue; *v++ = 0;
    if (!strcmp(p, "rm")) continue;
    else if (!strcmp(p, "mv"))
    {
      if (!strcmp(v, "s12a10"))
        ;
      else if (!strcmp(v, "s11a10")) o_wait |= 0x100;
      else { ev("UNSUPPORTED mv=%s: the wsrm plugin needs WS-Addressing 2005/08", v); return 3; }
    }
    else if (!strcmp(p, "contract")) o_if = !strcmp(v, "oneway") ? "IOneWay" : !strcmp(v, "mixed") ? "IMixed" : "IEcho", o_offer = !strcmp(v, "oneway") ? 0 : o_offer;
    else if (!strcmp(p, "offer")) o_offer = atoi(v);
    else if (!strcmp(p, "ordered")) { if (atoi(v) == 0) { ev("UNSUPPORTED ordered=0"); return 3; } }
    else if (!strcmp(p, "retry")) o_retry = atoi(v);
    else if (!strcmp(p, "acks")) o_acks = atoi(v);
    else if (!strcmp(p, "tries")) o_tries = atoi(v);
    else if (!strcmp(p, "addr")) { if (atoi(v)) { ev("UNSUPPORTED addr=1 in this program"); return 3; } }
    else if (!strcmp(p, "window") || !strcmp(p, "inact")) { ev("UNSUPPORTED %s", p); return 3; }
  }
  return 0;
}

static int client(struct soap *soap, const char *to, int n, char **st)
{
  soap_wsrm_sequence_handle seq = NULL; int i, k, bad = 0;
  soap->connect_timeout = 5; soap->send_timeout = soap->recv_timeout = 15;
  for (i = 0; i < n; i++)
  {
    char *s = st[i], *arg = strchr(s, ':'), *star; int rep = 1, r = 0;
    if (arg) *arg++ = 0;
    if ((star = strchr(s, '*'))) { *star++ = 0; rep = atoi(star); }
    if (!strcmp(s, "open"))
    {
      for (k = 0; ; k++)
      {
        r = soap_wsrm_create_offer_acksto(soap, to, NULL, NULL, o_offer ? NULL : "", 60000, NoDiscard, soap_wsa_rand_uuid(soap), &seq);
        if (!r || !transport_error(soap) || k + 1 >= o_tries) break;
        usleep(1000 * o_retry);
      }
      if (r) ev_fault(soap, "open", ""); else ev("open ok");
    }
    else if (!strcmp(s, "echo") || !strcmp(s, "send"))
      for (k = 1; k <= rep; k++)
      {
        char b[400]; if (rep > 1) snprintf(b, sizeof b, "%s-%d", arg, k); else snprintf(b, sizeof b, "%s", arg ? arg : "");
        if (!seq) { ev("%s(%s) -> EXC [gSOAP] no sequence", s, b); r = 1; continue; }
        r |= app(soap, seq, *s == 'e', b);
      }
    else if (!strcmp(s, "sleep")) usleep(1000 * atoi(arg));
    else if (!strcmp(s, "wait")) ;
    else if (!strcmp(s, "aecho")) { ev("UNSUPPORTED aecho: the plugin has no asynchronous call"); return 3; }
    else if (!strcmp(s, "resend")) { r = soap_wsrm_resend(soap, seq, 0, 0); if (r) ev_fault(soap, "resend", ""); else ev("resend ok"); }
    else if (!strcmp(s, "close")) { if (!seq) { ev("close() -> EXC [gSOAP] no sequence"); r = 1; } else r = closing(soap, seq); }
    else if (!strcmp(s, "abort")) { ev("abort ok"); break; }
    else { ev("unknown step %s", s); return 2; }
    if (r) bad = 1;
  }
  if (seq) soap_wsrm_seq_free(soap, seq);
  return bad;
}

int main(int argc, char **argv)
{
  struct soap *soap = soap_new(); int r;
  signal(SIGPIPE, SIG_IGN);
  soap_register_plugin(soap, soap_wsa);
  soap_register_plugin(soap, soap_wsrm);
  if (argc > 2 && !strcmp(argv[1], "server"))
  {
    int i; for (i = 3; i < argc; i++) { if (!strncmp(argv[i], "owack=", 6)) o_owack = atoi(argv[i] + 6); else if (!strncmp(argv[i], "wait=", 5)) o_wait = atoi(argv[i] + 5); }
    return server(soap, atoi(argv[2]));
  }
  if (argc < 4 || strcmp(argv[1], "client")) { fprintf(stderr, "usage: peer server PORT | client URL SPEC step...\n"); return 2; }
  signal(SIGALRM, dog); alarm(57);
  if ((r = spec(argv[3]))) return r;
  if (!(o_wait & 0x100))   /* SOAP 1.2: soap_set_version() does not survive soap_begin(); swap the table entries instead */
  {
    static struct Namespace ns12[40]; int k;
    for (k = 0; k < 39 && namespaces[k].id; k++) ns12[k] = namespaces[k];
    ns12[0].ns = "http://www.w3.org/2003/05/soap-envelope"; ns12[0].in = "http://schemas.xmlsoap.org/soap/envelope/";
    ns12[1].ns = "http://www.w3.org/2003/05/soap-encoding"; ns12[1].in = "http://schemas.xmlsoap.org/soap/encoding/";
    soap_set_namespaces(soap, ns12);
  }
  r = client(soap, argv[2], argc - 4, argv + 4);
  soap_destroy(soap); soap_end(soap); soap_free(soap);
  return r;
}
