//! For transports that wrap another one.

/// Methods of [`Transport`](muse::transport::Transport), and of [`Channel`](muse::channel::Channel), that do nothing but call those of the field `inner`. A wrapper names all
/// required ones that it does not write itself.
#[macro_export]
macro_rules! forward {
    ($($method:ident),+) => {
        $($crate::forward!(@ $method);)+
    };
    (@ begin_send) => {
        fn begin_send(&mut self, tag: ::muse::transport::Tag, len: u64) -> Result<(), ::muse::transport::TransportError> {
            self.inner.begin_send(tag, len)
        }
    };
    (@ write) => {
        fn write(&mut self, part: &[u8]) -> Result<(), ::muse::transport::TransportError> {
            self.inner.write(part)
        }
    };
    (@ recv_tag) => {
        fn recv_tag(
            &mut self,
            tags: &[::muse::transport::Tag],
        ) -> Result<::muse::transport::Tag, ::muse::transport::TransportError> {
            self.inner.recv_tag(tags)
        }
    };
    (@ recv_request) => {
        fn recv_request(
            &mut self,
            tags: &[::muse::transport::Tag],
        ) -> Result<::muse::transport::Tag, ::muse::transport::TransportError> {
            self.inner.recv_request(tags)
        }
    };
    (@ read) => {
        fn read(&mut self, part: &mut [u8]) -> Result<(), ::muse::transport::TransportError> {
            self.inner.read(part)
        }
    };
    (@ flush) => {
        fn flush(&mut self) -> Result<(), ::muse::transport::TransportError> {
            self.inner.flush()
        }
    };
    (@ abort) => {
        fn abort(&mut self) {
            self.inner.abort();
        }
    };
    (@ cancel_with) => {
        fn cancel_with(&mut self, cancel: ::muse::progress::Cancel) {
            self.inner.cancel_with(cancel);
        }
    };
    (@ begin_phase) => {
        fn begin_phase(&mut self) {
            self.inner.begin_phase();
        }
    };
}
