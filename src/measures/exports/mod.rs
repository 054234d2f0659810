//! Decompositions of gross exports, one file a method.
//!
//! Every term is a coefficient of the exporting sector times a part of its exports to a partner, so one pass over Z
//! per method gives all exporters, sectors and partners at once: rows x partners x terms. What the papers write with
//! block products of B enters through a few products of B with n x G matrices.
//!
//! What a sector without output imports passes through nothing: it is among exports, and in the terms of methods that
//! multiply exports by coefficients. KWW and WWZ follow exports to where they end, so their terms add up to the exports
//! that the model explains, `A^F B y + Y^F`.
//!
//! A new method is a file with its [`Method`], and a line in [`METHODS`].

mod borin;
mod content;
mod economy;
mod kww;
mod tripartite;
mod wwz;

use crate::error::{Error, Result};

pub use content::content;
pub use economy::{Economy, Method};

/// All methods.
pub const METHODS: [&Method; 6] =
    [&kww::METHOD, &wwz::METHOD, &borin::SOURCE, &borin::SINK, &borin::WORLD, &tripartite::METHOD];

/// The method of a name, or an error that lists them all.
pub fn method(name: &str) -> Result<&'static Method> {
    let found = METHODS.into_iter().find(|method| method.name == name);
    found.ok_or_else(|| Error::option("method", name, METHODS.iter().map(|method| method.name).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief::{Inverse, factor, inverse_of_flows};
    use crate::table::tests::{Small, close};
    use crate::table::{Blocks, Table, Value};
    use ndarray::Axis;

    /// The small table's four rows as regions of one and of three sectors.
    fn unequal(small: &Small) -> Result<Table<'_>> {
        let blocks = Blocks::new(vec![0, 1, 4], 4)?;
        let v = &small.va / &small.x;
        Table::new(blocks, small.z.view(), small.y.view(), small.x.view(), Value::PerOutput(v.view()))
    }

    /// Terms that add up to exports, by method.
    const WHOLE: [(&str, &[&str]); 6] = [
        ("kww", &["DVA_FIN", "DVA_INT", "DVA_INTrex", "RDV_FIN", "RDV_INT", "DDC", "FVA_FIN", "FVA_INT", "FDC"]),
        ("wwz", wwz::METHOD.terms),
        ("bm_source", &["DVA", "DDC", "FVA", "FDC"]),
        ("bm_sink", &["VAX", "REF", "DDC", "FC"]),
        ("world", &["DVA", "DDC", "FVA", "FDC"]),
        ("tripartite", tripartite::METHOD.terms),
    ];

    #[test]
    fn terms_of_every_method_add_up_to_exports() -> Result<()> {
        let small = Small::new();
        let (b, _) = inverse_of_flows(small.z.view(), small.x.view())?;
        let held = Inverse(b.view());
        for table in [small.table()?, unequal(&small)?] {
            let economy = Economy::new(table, &held)?;
            for (method, (name, terms)) in METHODS.iter().zip(WHOLE) {
                assert_eq!(method.name, name);
                let found = method.terms_of(&economy)?;
                let last = Axis(found.ndim() - 1);
                let of =
                    |name: &str| method.terms.iter().position(|term| *term == name).map(|k| found.index_axis(last, k));
                let sum: f64 = terms.iter().filter_map(|name| of(name)).map(|term| term.sum()).sum();
                assert!((sum - economy.exports().sum()).abs() < 1e-10, "{name}: {sum}");
            }
            let traced = content(&economy)?;
            assert!((traced.sum() - economy.exports().sum()).abs() < 1e-10);
        }
        Ok(())
    }

    #[test]
    fn factors_do_where_no_block_of_the_inverse_is_taken() -> Result<()> {
        let small = Small::new();
        let (b, _) = inverse_of_flows(small.z.view(), small.x.view())?;
        let factor = factor(small.z.view(), small.x.view())?;
        let held = Inverse(b.view());
        let (by_factor, by_inverse) =
            (Economy::new(unequal(&small)?, &factor)?, Economy::new(unequal(&small)?, &held)?);
        for method in METHODS {
            match method.terms_of(&by_factor) {
                Ok(found) => assert!(close(&found, &method.terms_of(&by_inverse)?, 1e-12), "{}", method.name),
                Err(error) => {
                    assert!(matches!(error, Error::Shape { what: "b", .. }));
                    assert!(["wwz", "bm_source", "bm_sink"].contains(&method.name));
                }
            }
        }
        assert!(close(&content(&by_factor)?, &content(&by_inverse)?, 1e-12));
        assert!(matches!(method("kwz"), Err(Error::Option { allowed, .. }) if allowed.len() == METHODS.len()));
        Ok(())
    }
}
