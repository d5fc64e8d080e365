/// Makes functions of an enum that call the same function of every variant's content.
#[macro_export]
macro_rules! enum_dispatch {
    (@call [$($variant:ident),+]: $name:ident, $self:ident, $arguments:tt) => {
        match $self {
            $(Self::$variant(inner) => inner.$name$arguments,)+
        }
    };
    (@function [$($variant:ident),+]: $visible:vis fn $name:ident($self:ident: $of:ty $(, $argument:ident: $type:ty)*) -> $answer:ty) => {
        #[allow(missing_docs)]
        #[inline]
        $visible fn $name($self: $of, $($argument: $type),*) -> $answer {
            $crate::enum_dispatch!(@call [$($variant),+]: $name, $self, ($($argument,)*))
        }
    };
    ($variants:tt; $($visible:vis fn $name:ident$arguments:tt -> $answer:ty;)+) => {
        $($crate::enum_dispatch!(@function $variants: $visible fn $name$arguments -> $answer);)+
    };
}
