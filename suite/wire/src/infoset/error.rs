//! What a document can be refused for.

use thiserror::Error;

/// Why a document was refused, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{sin} at byte {offset}")]
pub struct InfosetError {
    /// What is wrong.
    pub sin: Sin,
    /// The byte at which the sin stands, counted from the start of the document as given: a byte order mark
    /// counts, and the bytes of a document in UTF-16 are those of UTF-16.
    pub offset: usize,
}

/// What is wrong with a document.
///
/// The clauses are those of XML 1.0 (fifth edition), Namespaces in XML 1.0 (third edition), SOAP 1.1 and SOAP 1.2
/// part 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Sin {
    /// Nothing that could be a root element.
    #[error("no root element (XML 2.1)")]
    NoRoot,
    /// The root element never ends.
    #[error("the document ends inside the element <{0}> (XML 2.1)")]
    UnclosedRoot(String),
    /// A tag, comment or CDATA section that never ends.
    #[error("the document ends inside {0} that starts here (XML 2.1)")]
    UnclosedMarkup(&'static str),
    /// An element after the root element.
    #[error("a second root element (XML 2.1)")]
    SecondRoot,
    /// Text before the root element.
    #[error("text before the root element (XML 2.1)")]
    LeadingText,
    /// Text after the root element.
    #[error("text after the root element (XML 2.1)")]
    TrailingText,
    /// A document type declaration.
    #[error("a document type declaration, which SOAP forbids (SOAP 1.1 section 3, SOAP 1.2 section 5)")]
    Dtd,
    /// A processing instruction.
    #[error("a processing instruction, which SOAP forbids (SOAP 1.1 section 3, SOAP 1.2 section 5)")]
    ProcessingInstruction,
    /// `<!` that starts neither comment, CDATA section nor document type declaration.
    #[error("unknown markup after <! (XML 2.5, 2.7)")]
    UnknownMarkup,
    /// An end tag without a start tag.
    #[error("an end tag without a start tag (XML 3.1)")]
    UnmatchedEndTag,
    /// An end tag with another name than the start tag.
    #[error(
        "an end tag </{found}> where </{expected}> is due (XML 3, well-formedness constraint Element Type Match)"
    )]
    MismatchedEndTag {
        /// The name of the element that is open.
        expected: String,
        /// What stands in the end tag.
        found: String,
    },
    /// A character that no name may hold there, or a name that is missing.
    #[error("a bad name: not a QName (XML 2.3, Namespaces 4)")]
    BadName,
    /// An attribute without white space before it.
    #[error("no white space before an attribute (XML 3.1)")]
    AttributeNotSeparated,
    /// An attribute without `=`.
    #[error("an attribute without = and value (XML 3.1)")]
    AttributeWithoutValue,
    /// An attribute value without quotation marks.
    #[error("an attribute value that is not quoted (XML 2.3)")]
    UnquotedAttribute,
    /// `<` in an attribute value.
    #[error("< in an attribute value (XML 3.1, well-formedness constraint No < in Attribute Values)")]
    LessThanInAttribute,
    /// The same attribute twice.
    #[error("the attribute {0} twice (XML 3.1, well-formedness constraint Unique Att Spec)")]
    DuplicateAttribute(String),
    /// Two attributes whose prefixes stand for the same namespace and whose local names are the same.
    #[error("the attribute {{{namespace}}}{local} twice under different prefixes (Namespaces 6.3)")]
    DuplicateExpandedAttribute {
        /// The namespace.
        namespace: String,
        /// The local name.
        local: String,
    },
    /// A prefix that nothing declares.
    #[error("the prefix {0} is not declared (Namespaces 5, namespace constraint Prefix Declared)")]
    UnboundPrefix(String),
    /// A declaration of, or with, what is reserved: the prefixes `xml` and `xmlns` and their namespaces.
    #[error("misuse of the reserved prefix or namespace of {0} (Namespaces 3)")]
    ReservedPrefix(&'static str),
    /// `xmlns:p=""`.
    #[error(
        "the prefix {0} is declared as no namespace (Namespaces 5, namespace constraint No Prefix Undeclaring)"
    )]
    PrefixUndeclared(String),
    /// A character outside the range of XML characters.
    #[error("the character U+{0:04X}, which XML does not allow (XML 2.2)")]
    IllegalCharacter(u32),
    /// A reference to a character outside the range of XML characters.
    #[error(
        "a reference to a character that XML does not allow (XML 4.1, well-formedness constraint Legal Character)"
    )]
    IllegalCharacterReference,
    /// A reference to an entity that is not one of the five that need no declaration.
    #[error("a reference to the undeclared entity {0} (XML 4.1, well-formedness constraint Entity Declared)")]
    UndefinedEntity(String),
    /// `&` that starts no reference.
    #[error("& that starts no reference (XML 2.4)")]
    BadReference,
    /// `]]>` in text.
    #[error("]]> in text (XML 2.4)")]
    CDataEndInText,
    /// `--` in a comment.
    #[error("-- in a comment (XML 2.5)")]
    DoubleHyphen,
    /// Bytes that are not UTF-8.
    #[error("bytes that are not UTF-8 (XML 4.3.3)")]
    BadUtf8,
    /// Bytes that are not UTF-16: half a surrogate pair, or half a code unit.
    #[error("bytes that are not UTF-16 (XML 4.3.3)")]
    BadUtf16,
    /// An encoding other than UTF-8 and, with a byte order mark, UTF-16.
    #[error("the encoding {0}, which is not read here: UTF-8, or UTF-16 with a byte order mark")]
    UnsupportedEncoding(String),
    /// A declared encoding that is not the one the bytes are in.
    #[error("the declared encoding {0} is not that of the bytes (XML 4.3.3)")]
    MismatchedEncoding(String),
    /// Another way to write an infoset than XML text.
    #[error("the document is not XML text but {0}")]
    BinaryEncoding(&'static str),
    /// An XML declaration that is not at the very start.
    #[error("an XML declaration that is not at the start of the document (XML 2.8)")]
    MisplacedDeclaration,
    /// An XML declaration that breaks its grammar.
    #[error("an ill-formed XML declaration: {0} (XML 2.8)")]
    BadDeclaration(&'static str),
    /// A version of XML other than 1.0.
    #[error("XML version {0}; only 1.0 is read (XML 2.8)")]
    UnsupportedVersion(String),
    /// More bytes than [`crate::Limits::bytes`].
    #[error("more than {0} bytes")]
    TooManyBytes(usize),
    /// Elements nested deeper than [`crate::Limits::depth`].
    #[error("more than {0} elements within one another")]
    TooDeep(usize),
    /// More attributes on an element than [`crate::Limits::attributes`].
    #[error("more than {0} attributes on one element")]
    TooManyAttributes(usize),
    /// More namespace declarations in force than [`crate::Limits::bindings`].
    #[error("more than {0} namespace declarations in force at one place")]
    TooManyBindings(usize),
}

impl InfosetError {
    /// The byte at which the sin stands, counted from the start of the document as given.
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl Sin {
    /// Whether the document is refused only because it ends: what there is of it may be the start of a good one.
    pub const fn is_truncation(&self) -> bool {
        matches!(self, Self::NoRoot | Self::UnclosedRoot(_) | Self::UnclosedMarkup(_))
    }
}
