package peer.cxf;

import jakarta.xml.ws.soap.SOAPBinding;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A SPEC such as {@code rm=11,mv=s12a10,contract=echo}. */
final class Spec {
    static final String RM10 = "http://schemas.xmlsoap.org/ws/2005/02/rm";
    static final String RM11 = "http://docs.oasis-open.org/ws-rx/wsrm/200702";
    static final String WSA04 = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    static final String WSA10 = "http://www.w3.org/2005/08/addressing";

    private static final Set<String> KEYS = Set.of("rm", "mv", "contract", "ordered", "offer", "addr", "cbport", "inact",
        "retry", // what every peer here knows; below what only this stack has
        "da", "ackint", "ackwait", "backoff", "maxretry", "accept", "expires", "ackreq", "policy", "scope", "http", "recv", "gap");

    private final Map<String, String> values = new LinkedHashMap<>();

    /** The value asked for is one that CXF does not have. */
    static final class Unsupported extends RuntimeException {
        Unsupported(String what) { super(what); }
    }

    Spec(String text) {
        for (String pair : text.split(",")) {
            if (pair.isEmpty()) {
                continue;
            }
            String[] kv = pair.split("=", 2);
            if (!KEYS.contains(kv[0]) || kv.length < 2) {
                throw new Unsupported(pair + " (CXF has no such setting)");
            }
            values.put(kv[0], kv[1]);
        }
        if (!soap().equals("s11") && !soap().equals("s12") || !wsa().equals("a04") && !wsa().equals("a10")) {
            throw new Unsupported("mv=" + mv());
        }
        if (!get("rm", "11").matches("10|11")) {
            throw new Unsupported("rm=" + get("rm", ""));
        }
        if (is11() && wsa().equals("a04")) {
            throw new Unsupported("rm=11 with WS-Addressing 2004/08 (CXF: RM 1.1 goes with WS-Addressing 1.0 only)");
        }
    }

    String get(String key, String otherwise) { return values.getOrDefault(key, otherwise); }
    boolean has(String key) { return values.containsKey(key); }
    boolean on(String key) { return "1".equals(values.get(key)); }
    int number(String key, int otherwise) { return has(key) ? Integer.parseInt(values.get(key)) : otherwise; }

    boolean is11() { return get("rm", "11").equals("11"); }
    String contract() { return get("contract", "echo"); }
    String rmNamespace() { return is11() ? RM11 : RM10; }
    String wsaNamespace() { return wsa().equals("a04") ? WSA04 : WSA10; }
    String bindingId() { return soap().equals("s11") ? SOAPBinding.SOAP11HTTP_BINDING : SOAPBinding.SOAP12HTTP_BINDING; }

    private String mv() { return get("mv", "s12a10"); }
    private String soap() { return mv().substring(0, 3); }
    private String wsa() { return mv().substring(3); }
}
