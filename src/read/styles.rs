//! Which cell formats of an xlsx workbook show a number as a date or a time.

use super::xml::tags;

/// Numbers of the formats that are built in: dates, times, and those of East Asian locales.
fn built_in(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

/// Whether a format such as `dd/mm/yyyy` shows a date or a time; letters in quotes and brackets don't count.
fn custom(code: &str) -> bool {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    if ["general", "standard"].contains(&code.to_lowercase().as_str()) {
        return false;
    }
    code.chars().any(|c| {
        let counts = !quoted && !bracket && !escaped;
        escaped = !escaped && !quoted && (c == '\\' || c == '_' || c == '*');
        match c {
            '"' if !escaped => quoted = !quoted,
            '[' if !quoted => bracket = true,
            ']' if !quoted => bracket = false,
            _ => {}
        }
        counts && "dmyhsDMYHS".contains(c)
    })
}

/// Whether each cell format, in the order of the file, is one of dates; `None` for a file that is not plain.
pub(super) fn dates(styles: &str) -> Option<Vec<bool>> {
    let mut codes = Vec::new();
    for tag in tags(styles, "numFmt")? {
        codes.push((tag.get("numFmtId")?.parse::<u32>().ok()?, custom(tag.get("formatCode")?)));
    }
    let Some((_, rest)) = styles.split_once("<cellXfs") else { return Some(Vec::new()) };
    let (formats, _) = rest.split_once("</cellXfs>")?;
    let is_date = |tag: std::collections::HashMap<String, String>| {
        let Some(id) = tag.get("numFmtId") else { return Some(false) };
        let id = id.parse().ok()?;
        Some(codes.iter().find(|(known, _)| *known == id).map_or_else(|| built_in(id), |(_, date)| *date))
    };
    tags(&format!("<cellXfs{formats}</cellXfs>"), "xf")?.into_iter().map(is_date).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates() {
        for code in ["dd/mm/yyyy", "[$-409]d-mmm;@", "h:mm", "[h]:mm:ss", "yyyy\"年\""] {
            assert!(custom(code), "{code}");
        }
        for code in ["0.00", "#,##0_);[Red](#,##0)", "0.00E+00", "General", "0\" days\"", "\\d0", "_d0"] {
            assert!(!custom(code), "{code}");
        }
        let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"><alignment/></xf><xf numFmtId="10"/></cellXfs></styleSheet>"#;
        assert_eq!(dates(styles), Some(vec![false, true, true, false]));
    }
}
