package wrong.application.waiting;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Has the JDK fail an answer when it finds that it is time. */
final class TimesOut {
  CompletableFuture<String> atMostASecond(CompletableFuture<String> later) {
    return later.orTimeout(1, TimeUnit.SECONDS);
  }
}
