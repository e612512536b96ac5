//! Attributes of a node: those an operator may have, their values or defaults, and no others.

use super::proto::{Attribute, Node};
use crate::ModelError;

impl<'a> Node<'a> {
    /// Refuses attributes that are not among these, and any that is given twice.
    pub(super) fn allow(&self, names: &[&str]) -> Result<(), ModelError> {
        for (index, attribute) in self.attributes.iter().enumerate() {
            let again = self.attributes[..index].iter().any(|other| other.name == attribute.name);
            if again || !names.contains(&attribute.name) {
                let how =
                    if again { "is given twice" } else { "is not supported; export the network without it" };
                return Err(self.fault(format!("attribute {:?} {how}", attribute.name)));
            }
        }
        Ok(())
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn int(&self, name: &str, default: i64) -> Result<i64, ModelError> {
        let Some(attribute) = self.attribute(name) else { return Ok(default) };
        match (attribute.kind, attribute.int) {
            // Some writers leave out a zero.
            (Some(INT), int) => Ok(int.unwrap_or(0)),
            (None, Some(int)) => Ok(int),
            _ => Err(self.wrong_type(name, "an integer")),
        }
    }

    pub(super) fn float(&self, name: &str, default: f32) -> Result<f32, ModelError> {
        let Some(attribute) = self.attribute(name) else { return Ok(default) };
        match (attribute.kind, attribute.float) {
            (Some(FLOAT), float) => Ok(float.unwrap_or(0.0)),
            (None, Some(float)) => Ok(float),
            _ => Err(self.wrong_type(name, "a float")),
        }
    }

    /// A list of integers; `None` if the attribute is not given.
    pub(super) fn ints(&self, name: &str) -> Result<Option<&[i64]>, ModelError> {
        let Some(attribute) = self.attribute(name) else { return Ok(None) };
        match attribute.kind {
            Some(INTS) | None => Ok(Some(&attribute.ints)),
            _ => Err(self.wrong_type(name, "a list of integers")),
        }
    }

    /// Refuses an integer attribute with any value but this one, which is also its default.
    pub(super) fn demand(&self, name: &str, value: i64, advice: &str) -> Result<(), ModelError> {
        match self.int(name, value)? {
            found if found == value => Ok(()),
            found => Err(self.fault(format!("{name} is {found}, only {value} is supported: {advice}"))),
        }
    }

    fn wrong_type(&self, name: &str, expected: &str) -> ModelError {
        self.fault(format!("attribute {name:?} must be {expected}"))
    }
}

/// `AttributeProto.AttributeType`.
const FLOAT: i64 = 1;
const INT: i64 = 2;
const INTS: i64 = 7;
