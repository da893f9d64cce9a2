//! What an infoset says about documents that are good.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rstest::rstest;
use wsrm_wire::infoset::{Encoding, Node};
use wsrm_wire::{Element, Infoset, Limits, Sin};

fn read(xml: &str) -> Infoset<'_> {
    Infoset::read(xml.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}: {xml}"))
}

fn only_child(element: Element<'_>) -> Element<'_> {
    element.elements().next().expect("there is a child")
}

#[rstest]
#[case::plain("<a>one</a>", "one")]
#[case::empty("<a/>", "")]
#[case::references("<a>&lt;&amp;&gt;&apos;&quot;</a>", "<&>'\"")]
#[case::numbers("<a>&#65;&#x42;&#x1F600;</a>", "AB\u{1F600}")]
#[case::line_ends("<a>1\r\n2\r3\n4</a>", "1\n2\n3\n4")]
#[case::line_end_by_reference("<a>1&#13;&#10;2</a>", "1\r\n2")]
#[case::cdata("<a>1<![CDATA[<&]]>2</a>", "1<&2")]
#[case::cdata_line_ends("<a><![CDATA[1\r\n2\r3]]></a>", "1\n2\n3")]
#[case::comments("<a>1<!-- no - no -->2</a>", "12")]
#[case::brackets("<a>]] > ]]&gt; > ]</a>", "]] > ]]> > ]")]
#[case::not_of_children("<a>1<b>2</b>3</a>", "13")]
fn text_of_elements(#[case] xml: &str, #[case] text: &str) {
    assert_eq!(read(xml).root().text(), text);
}

#[rstest]
#[case::plain(r#"<a b="one"/>"#, "one")]
#[case::apostrophes("<a b='\"'/>", "\"")]
#[case::white_space("<a b=' 1\t2\n3\r\n4\r5 '/>", " 1 2 3 4 5 ")]
#[case::white_space_by_reference("<a b='&#9;&#10;&#13;'/>", "\t\n\r")]
#[case::references("<a b='&lt;&amp;x'/>", "<&x")]
#[case::greater_than("<a b='>'/>", ">")]
#[case::space_around_equals("<a b \n=\t'x' />", "x")]
fn attribute_values(#[case] xml: &str, #[case] value: &str) {
    assert_eq!(read(xml).root().attribute("", "b").expect("the attribute is there"), value);
}

#[test]
fn what_stands_for_itself_is_borrowed() {
    let infoset = read("<a b='x'>one</a>");
    let root = infoset.root();
    assert!(matches!(root.text(), Cow::Borrowed("one")));
    assert!(matches!(root.token(), Cow::Borrowed("one")));
    assert!(matches!(root.attribute("", "b"), Some(Cow::Borrowed("x"))));
}

#[test]
fn namespaces_resolve_where_they_are_in_force() {
    let xml = "<a xmlns='urn:d' xmlns:p='urn:p' x='1' p:y='2'><p:b xmlns:p='urn:q' p:z='3'/><b xmlns=''/><p:c/></a>";
    let infoset = read(xml);
    let root = infoset.root();
    assert_eq!(root.name().to_string(), "{urn:d}a");
    let attributes: Vec<_> =
        root.attributes().map(|one| (one.namespace(), one.prefix(), one.local())).collect();
    assert_eq!(attributes, [("", "", "x"), ("urn:p", "p", "y")]);
    let children: Vec<_> = root.elements().map(|child| child.name().to_string()).collect();
    assert_eq!(children, ["{urn:q}b", "{}b", "{urn:p}c"]);
    let first = only_child(root);
    assert_eq!(first.attribute("urn:q", "z").as_deref(), Some("3"));
    assert_eq!(first.resolve("p:v"), Some(("urn:q", "v")));
    assert_eq!(first.resolve("v"), Some(("urn:d", "v")));
    assert_eq!(first.resolve("xml:lang"), Some(("http://www.w3.org/XML/1998/namespace", "lang")));
    for bad in ["q:v", ":v", "p:", "p:v:w", "", "1", "p:1", "a b"] {
        assert_eq!(first.resolve(bad), None, "{bad:?}");
    }
    let bindings: Vec<_> = first
        .bindings()
        .into_iter()
        .map(|one| (one.prefix.into_owned(), one.namespace.into_owned()))
        .collect();
    assert_eq!(bindings, [(String::new(), "urn:d".to_owned()), ("p".to_owned(), "urn:q".to_owned())]);
    let declared: Vec<_> = root.declarations().into_iter().map(|one| one.prefix).collect();
    assert_eq!(declared, ["", "p"]);
}

#[test]
fn the_namespace_of_a_declaration_is_its_normalised_value() {
    let infoset = read("<a xmlns='urn:a&amp;b' xmlns:p='urn:a&#38;b' p:x='1'/>");
    assert_eq!(infoset.root().namespace(), "urn:a&b");
    assert_eq!(infoset.root().attribute("urn:a&b", "x").as_deref(), Some("1"));
}

/// A fragment brings the bindings that it can refer to and does not make.
#[rstest]
#[case::nothing("<e xmlns='urn:e'><f>one</f></e>", &[])]
#[case::default_namespace("<f>one</f>", &[("", "urn:d")])]
#[case::prefix_of_element("<p:f/>", &[("", "urn:d"), ("p", "urn:p")])]
#[case::prefix_in_content("<e xmlns='urn:e'>q:name</e>", &[("q", "urn:q")])]
#[case::prefix_in_attribute("<e xmlns='urn:e' type='p:T'/>", &[("p", "urn:p")])]
#[case::hidden("<p:e xmlns='urn:e' xmlns:p='urn:other'/>", &[])]
#[case::uri_is_no_prefix("<e xmlns='urn:e'>http://x</e>", &[])]
fn fragments(#[case] xml: &str, #[case] scope: &[(&str, &str)]) {
    let document = format!("<a xmlns='urn:d' xmlns:p='urn:p' xmlns:q='urn:q' xmlns:unused='urn:u'>{xml}</a>");
    let infoset = read(&document);
    for fragment in [only_child(infoset.root()).fragment(), infoset.root().content_fragment()] {
        assert_eq!(fragment.xml, xml);
        let found: Vec<_> =
            fragment.scope.iter().map(|one| (one.prefix.as_ref(), one.namespace.as_ref())).collect();
        assert_eq!(found, scope);
    }
}

#[test]
fn spans_are_those_of_the_source() {
    let xml = "<?xml version=\"1.0\"?>\n<a><!-- c --><b x='1'>one</b ><c/></a>\n<!-- end -->";
    let infoset = read(xml);
    let at = |span: std::ops::Range<usize>| xml.get(span).expect("a span is in range");
    let root = infoset.root();
    assert_eq!(at(root.span()), "<a><!-- c --><b x='1'>one</b ><c/></a>");
    assert_eq!(at(root.start_tag_span()), "<a>");
    assert_eq!(at(root.content_span()), "<!-- c --><b x='1'>one</b ><c/>");
    let kinds: Vec<_> = root
        .children()
        .map(|child| match child {
            Node::Comment(text) => at(text.span()),
            Node::Element(element) => at(element.span()),
            Node::Text(_) | Node::CData(_) => "text",
        })
        .collect();
    assert_eq!(kinds, ["<!-- c -->", "<b x='1'>one</b >", "<c/>"]);
    let last = root.elements().last().expect("there is a last child");
    assert_eq!((at(last.start_tag_span()), at(last.content_span())), ("<c/>", ""));
}

#[rstest]
#[case::little_endian(true)]
#[case::big_endian(false)]
fn utf16_with_a_mark_is_read(#[case] little: bool) {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>\u{e9}\u{1F600}</a>";
    let units = std::iter::once(0xFEFF).chain(xml.encode_utf16());
    let bytes: Vec<u8> =
        units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
    let infoset = Infoset::read(&bytes, &Limits::default()).expect("it is good");
    assert_eq!(infoset.source(), xml);
    assert_eq!(infoset.root().text(), "\u{e9}\u{1F600}");
    let expected = if little { Encoding::Utf16LittleEndian } else { Encoding::Utf16BigEndian };
    assert_eq!(infoset.encoding(), expected);
    // Mark, declaration, start tag; then two code units more than characters.
    assert_eq!(infoset.document_offset(xml.len()), bytes.len());
}

#[rstest]
#[case("<?xml version=\"1.0\"?><a/>")]
#[case("<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<a/>")]
#[case("<?xml version = \"1.0\" encoding = \"UTF-8\"?><a/>")]
#[case("\u{feff}<a/>")]
#[case("<!-- first --> <a/> <!-- last -->\n")]
#[case("<\u{e9}l\u{e9}ment \u{e9}='\u{ffee}'/>")]
#[case("<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='en'/>")]
#[case("<a xmlns:p='urn:x' a='1' p:a='2'/>")]
#[case("<a xmlns='urn:x'><b xmlns=''/></a>")]
#[case("<a\n\tb='1'\r\nc='2'\n/>")]
#[case("<a><![CDATA[]]]]><![CDATA[>]]></a>")]
#[case("<a><!----></a>")]
#[case("<a>\u{fffd}\u{e000}\u{10ffff}</a>")]
fn good_documents(#[case] xml: &str) {
    read(xml);
}

#[rstest]
#[case::bytes(Limits { bytes: 3, ..Limits::default() }, Sin::TooManyBytes(3), 3)]
#[case::depth(Limits { depth: 1, ..Limits::default() }, Sin::TooDeep(1), 17)]
#[case::attributes(Limits { attributes: 0, ..Limits::default() }, Sin::TooManyAttributes(0), 3)]
#[case::bindings(Limits { bindings: 0, ..Limits::default() }, Sin::TooManyBindings(0), 3)]
fn limits_are_kept(#[case] limits: Limits, #[case] sin: Sin, #[case] offset: usize) {
    let error = Infoset::read(b"<a xmlns='urn:x'><b/></a>", &limits).expect_err("a limit is passed");
    assert_eq!((error.sin, error.offset), (sin, offset));
}

#[test]
fn a_lazy_reading_ends_at_the_sin() {
    let xml = "<a><b>one</b><c>two<d>three</c></a>";
    let infoset = Infoset::read_lazily(xml.as_bytes(), &Limits::default()).expect("the root is there");
    let error = infoset.error().expect("the sin is kept");
    assert!(matches!(error.sin, Sin::MismatchedEndTag { .. }));
    assert_eq!(error.offset, 27);
    let root = infoset.root();
    assert!(!root.is_closed());
    assert_eq!(root.span(), 0..27);
    let children: Vec<_> = root.elements().map(|child| (child.xml(), child.is_closed())).collect();
    assert_eq!(children, [("<b>one</b>", true), ("<c>two<d>three", false)]);
}

/// Documents made to be slow to read take time in proportion to their length.
#[rstest]
#[case::nesting(|size: usize| "<a>".repeat(size / 3))]
#[case::flat(|size: usize| format!("<a>{}</a>", "<b/>".repeat(size / 4)))]
#[case::attributes(|size: usize| {
    let attributes = (0..255).fold(String::new(), |mut all, n| { let _ = write!(all, " a{n}=''"); all });
    let element = format!("<b{attributes}/>");
    format!("<a>{}</a>", element.repeat(size / element.len()))
})]
#[case::bindings(|size: usize| {
    let bindings = (0..255).fold(String::new(), |mut all, n| { let _ = write!(all, " xmlns:p{n}='urn:x'"); all });
    format!("<a{bindings}>{}</a>", "<p0:b/>".repeat(size / 7))
})]
#[case::references(|size: usize| format!("<a>{}</a>", "&amp;".repeat(size / 5)))]
#[case::brackets(|size: usize| format!("<a>{}</a>", "]]".repeat(size / 2)))]
#[case::hyphens(|size: usize| format!("<a><!--{}--></a>", "- ".repeat(size / 2)))]
#[case::unclosed_comments(|size: usize| "<a>".to_owned() + &"<!-".repeat(size / 3))]
#[case::illegal_looking(|size: usize| format!("<a>{}</a>", "\u{ffee}".repeat(size / 3)))]
fn hostile_documents_are_bounded_in_time(#[case] make: fn(usize) -> String) {
    let document = make(1 << 18);
    let start = Instant::now();
    // Good or bad, it is decided soon. A quadratic reading would take minutes.
    let _ = Infoset::read(document.as_bytes(), &Limits::default());
    let _ = Infoset::read_lazily(document.as_bytes(), &Limits::default());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
