package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:50052, 127.0.0.1, 50052",
    "http://worker:50052/, worker, 50052",
    "HTTP://worker.sentry.svc.cluster.local:1, worker.sentry.svc.cluster.local, 1",
    "http://sentry_worker-1:65535, sentry_worker-1, 65535",
    "http://[::1]:50052, [::1], 50052",
    "http://worker, worker, 80",
  })
  void urls_areRead(String url, String host, int port) {
    assertThat(WorkerAddress.of(url)).isEqualTo(new WorkerAddress(host, port));
  }

  @ParameterizedTest
  @CsvSource({
    "https://worker:50052, worker, 50052",
    "HTTPS://worker, worker, 443",
  })
  void encryptedOnes_areRead(String url, String host, int port) {
    assertThat(WorkerAddress.of(url))
        .isEqualTo(new WorkerAddress(host, port, WorkerAddress.Scheme.HTTPS));
  }

  @ParameterizedTest
  @CsvSource({
    "http://sentry_worker:1, true",
    "https://sentry-worker:1, true",
    "https://sentry_worker:1, false",
  })
  void noCertificate_isRightForANameWithAnUnderscore(String url, boolean canBeTrusted) {
    assertThat(WorkerAddress.of(url).canBeTrusted()).isEqualTo(canBeTrusted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "worker:50052",
        "ftp://worker:50052",
        "http://",
        "http://:50052",
        "http://worker:0",
        "http://worker:65536",
        "http://worker:port",
        "http://worker:50052/path",
        "http://user@worker:50052",
        "http://two words:1"
      })
  void whatIsNone_isRefused(String url) {
    assertThatIllegalArgumentException().isThrownBy(() -> WorkerAddress.of(url));
  }
}
