//! What counts as the same message, and what does not.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use rstest::rstest;
use wsrm_wire::{Difference, Infoset, Limits, equivalent};

/// A SOAP 1.2 message around `body`, with the usual declarations.
fn message(body: &str) -> String {
    format!(
        concat!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:x="urn:x" xmlns:y="urn:x""#,
            r#" xmlns:r="http://docs.oasis-open.org/ws-rx/wsrm/200702""#,
            r#" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Body>{}</s:Body></s:Envelope>"#
        ),
        body
    )
}

fn compare(left: &str, right: &str) -> Result<(), Difference> {
    let (left, right) = (message(left), message(right));
    let limits = Limits::default();
    let left = Infoset::read(left.as_bytes(), &limits).unwrap();
    let right = Infoset::read(right.as_bytes(), &limits).unwrap();
    equivalent(&left, &right)
}

#[rstest]
#[case::prefixes("<x:A/>", "<y:A/>")]
#[case::default_namespace("<x:A/>", "<A xmlns='urn:x'/>")]
#[case::empty_tags("<x:A/>", "<x:A></x:A>")]
#[case::attribute_order("<x:A b='1' c='2'/>", "<x:A c='2' b=\"1\"/>")]
#[case::references("<x:A>&#65;&lt;</x:A>", "<x:A>A<![CDATA[<]]></x:A>")]
#[case::comments("<x:A>a<!-- -->b</x:A>", "<x:A>ab</x:A>")]
#[case::space_between_elements("<x:A> <x:B/>\n</x:A>", "<x:A><x:B/></x:A>")]
#[case::space_around_a_value("<r:Identifier> i\n</r:Identifier>", "<r:Identifier>i</r:Identifier>")]
#[case::a_name_in_an_element("<s:Value>x:A</s:Value>", "<s:Value xmlns:q='urn:x'>q:A</s:Value>")]
#[case::a_name_without_prefix("<s:Value xmlns='urn:x'>A</s:Value>", "<s:Value>x:A</s:Value>")]
#[case::a_type("<x:A i:type='x:T'/>", "<x:A i:type='y:T'/>")]
#[case::text_that_looks_like_a_name("<x:A>q:A</x:A>", "<x:A xmlns:q='urn:q'>q:A</x:A>")]
fn the_same(#[case] left: &str, #[case] right: &str) {
    assert_eq!(compare(left, right), Ok(()));
    assert_eq!(compare(right, left), Ok(()));
}

#[rstest]
#[case::local_name("<x:A/>", "<x:B/>")]
#[case::namespace("<x:A/>", "<A/>")]
#[case::text("<x:A>a</x:A>", "<x:A>b</x:A>")]
#[case::space_in_foreign_text("<x:A> a</x:A>", "<x:A>a</x:A>")]
#[case::space_in_a_reason("<s:Text> a</s:Text>", "<s:Text>a</s:Text>")]
#[case::space_only("<x:A> </x:A>", "<x:A/>")]
#[case::mixed_text("<x:A>a<x:B/></x:A>", "<x:A><x:B/></x:A>")]
#[case::one_element_more("<x:A><x:B/></x:A>", "<x:A/>")]
#[case::another_order("<x:A><x:B/><x:C/></x:A>", "<x:A><x:C/><x:B/></x:A>")]
#[case::one_attribute_more("<x:A b='1'/>", "<x:A/>")]
#[case::attribute_value("<x:A b='1'/>", "<x:A b='2'/>")]
#[case::attribute_namespace("<x:A x:b='1'/>", "<x:A b='1'/>")]
#[case::a_name("<s:Value>x:A</s:Value>", "<s:Value xmlns:x='urn:q'>x:A</s:Value>")]
#[case::a_name_in_no_namespace("<s:Value xmlns='urn:x'>A</s:Value>", "<s:Value>A</s:Value>")]
#[case::a_type("<x:A i:type='x:T'/>", "<y:A xmlns:x='urn:q' i:type='x:T'/>")]
fn not_the_same(#[case] left: &str, #[case] right: &str) {
    assert!(compare(left, right).is_err());
    assert!(compare(right, left).is_err());
}

#[test]
fn a_difference_says_where_it_is() {
    let difference = compare("<x:A><x:B/><x:C>1</x:C></x:A>", "<x:A><x:B/><x:C>2</x:C></x:A>").unwrap_err();
    assert_eq!(difference.to_string(), r#"Envelope[1]/Body[1]/A[2]/C: "1" against "2""#);
}
