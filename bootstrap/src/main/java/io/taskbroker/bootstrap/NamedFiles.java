package io.taskbroker.bootstrap;

import io.taskbroker.adapters.tls.TlsFiles;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import java.time.Instant;

/** The files that a configuration names, looked at before anything starts. */
final class NamedFiles {
  private NamedFiles() {}

  /** Those of TLS with workers, where the configuration speaks TLS. */
  static TlsFiles ofTls(BrokerConfig config, TimeSource time) {
    var files = new TlsFiles(Instant.ofEpochMilli(time.now().wallMs()));
    config.grpc().tls().ifPresent(files::look);
    config
        .push()
        .filter(push -> push.workers().encrypts())
        .ifPresent(push -> files.look(push.workers().tls()));
    return files;
  }
}
