//! [`message!`](crate::message): a message as a list of its parts.

/// Declares a message whose encoding is that of its fields, one behind the other: the type, [`Encode`](crate::wire::Encode),
/// [`Decode`](crate::wire::Decode), and a table of the fields in its documentation.
///
/// After the name stands the public shape; after each field, the shape of its type. `redacted` gives a `Debug` that prints
/// the name alone. A type of one field that has no name is written as a tuple. Where what is received is another type than
/// what was sent, because it is not checked yet, the one is `sent struct` and has no shapes, and the other `received struct`.
///
/// ```
/// use muse_field::{Fp, message, wire::{from_slice, to_vec}};
///
/// message! {
///     /// A vector, and what it is bound to.
///     #[derive(PartialEq)]
///     pub struct Bound(count: usize), redacted {
///         /// The values.
///         pub values: Vec<Fp> = count,
///         /// A digest.
///         pub digest: [u8; 32] = (),
///     }
/// }
///
/// let bound = Bound { values: vec![Fp::ONE; 3], digest: [7; 32] };
/// let bytes = to_vec(&bound);
/// assert_eq!(bytes.len(), 17 + 32);
/// assert!(from_slice::<Bound>(3, &bytes) == Ok(bound));
/// assert_eq!(bytes[17..], [7; 32]);
/// ```
#[macro_export]
macro_rules! message {
    // What both parties call by one name.
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($shape:tt $(: $Shape:ty)?) $(, $redacted:ident)? {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $field_shape:expr),+ $(,)?
        }
    ) => {
        $crate::message!(@struct [$(#[$meta])*] [$vis $name]
            [$([$(#[$field_meta])*] [$field_vis] $field [$type] [" of "] [$field_shape])+]);
        $crate::message!(@encode $name $($field)+);
        $crate::message!(@decode $name [$shape $(: $Shape)?] [$($field [$type] [$field_shape])+]);
        $($crate::message!(@debug $redacted $name);)?
    };
    // What its sender has.
    (
        $(#[$meta:meta])*
        $vis:vis sent struct $name:ident $(, $redacted:ident)? {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty),+ $(,)?
        }
    ) => {
        $crate::message!(@struct [$(#[$meta])*] [$vis $name]
            [$([$(#[$field_meta])*] [$field_vis] $field [$type] [] [])+]);
        $crate::message!(@encode $name $($field)+);
        $($crate::message!(@debug $redacted $name);)?
    };
    // What its receiver has.
    (
        $(#[$meta:meta])*
        $vis:vis received struct $name:ident($shape:tt $(: $Shape:ty)?) $(, $redacted:ident)? {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $field_shape:expr),+ $(,)?
        }
    ) => {
        $crate::message!(@struct [$(#[$meta])*] [$vis $name]
            [$([$(#[$field_meta])*] [$field_vis] $field [$type] [" of "] [$field_shape])+]);
        $crate::message!(@decode $name [$shape $(: $Shape)?] [$($field [$type] [$field_shape])+]);
        $($crate::message!(@debug $redacted $name);)?
    };
    // One field without a name.
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($field_vis:vis $type:ty) $(, $redacted:ident)?;
    ) => {
        $(#[$meta])*
        $vis struct $name($field_vis $type);

        impl $crate::wire::Encode for $name {
            fn encoded_len(&self) -> usize {
                $crate::wire::Encode::encoded_len(&self.0)
            }

            fn encode(&self, out: &mut $crate::wire::Writer<'_>) {
                $crate::wire::Encode::encode(&self.0, out);
            }
        }

        impl $crate::wire::Decode for $name {
            type Shape = <$type as $crate::wire::Decode>::Shape;

            fn len_for(shape: Self::Shape) -> usize {
                <$type as $crate::wire::Decode>::len_for(shape)
            }

            fn decode(
                shape: Self::Shape,
                r: &mut $crate::wire::Reader<'_>,
            ) -> Result<Self, $crate::wire::DecodeError> {
                $crate::wire::Decode::decode(shape, r).map(Self)
            }
        }

        $($crate::message!(@debug $redacted $name);)?
    };
    (@struct [$($meta:tt)*] [$vis:vis $name:ident]
        [$([$($field_meta:tt)*] [$field_vis:vis] $field:ident [$type:ty] [$($of:literal)?] [$($field_shape:expr)?])+]) => {
        $($meta)*
        ///
        /// On the wire, one behind the other:
        ///
        /// | part | encoded as |
        /// |---|---|
        $(#[doc = concat!(
            "| `", stringify!($field), "` | `", stringify!($type), "`", $($of, "`", stringify!($field_shape), "`",)? " |"
        )])+
        $vis struct $name {
            $($($field_meta)* $field_vis $field: $type),+
        }
    };
    (@encode $name:ident $($field:ident)+) => {
        impl $crate::wire::Encode for $name {
            fn encoded_len(&self) -> usize {
                0 $(+ $crate::wire::Encode::encoded_len(&self.$field))+
            }

            fn encode(&self, out: &mut $crate::wire::Writer<'_>) {
                $($crate::wire::Encode::encode(&self.$field, out);)+
            }
        }
    };
    (@decode $name:ident [$shape:tt $(: $Shape:ty)?] [$($field:ident [$type:ty] [$field_shape:expr])+]) => {
        impl $crate::wire::Decode for $name {
            type Shape = $crate::message!(@shape $($Shape)?);

            fn len_for($shape: Self::Shape) -> usize {
                0_usize $(.saturating_add(<$type as $crate::wire::Decode>::len_for($field_shape)))+
            }

            fn decode(
                $shape: Self::Shape,
                r: &mut $crate::wire::Reader<'_>,
            ) -> Result<Self, $crate::wire::DecodeError> {
                Ok(Self { $($field: $crate::wire::Decode::decode($field_shape, r)?),+ })
            }
        }
    };
    (@shape) => { () };
    (@shape $Shape:ty) => { $Shape };
    (@debug redacted $name:ident) => {
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}
