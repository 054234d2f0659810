//! Attributes of the small XML parts of a workbook.

use std::collections::HashMap;

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};

/// Attributes of all tags of one name.
pub(super) fn tags(xml: &str, wanted: &str) -> Option<Vec<HashMap<String, String>>> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == wanted => {
                let mut attributes = HashMap::new();
                for attribute in tag.attributes() {
                    let attribute = attribute.ok()?;
                    let key = attribute.key.as_ref().to_owned();
                    attributes.insert(key, attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned());
                }
                found.push(attributes);
            }
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}
