package wrong.application.waiting;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Waits for completions, one after the other. */
final class JoinsAFutureByReference {
  List<String> answers(List<CompletableFuture<String>> later) {
    return later.stream().map(CompletableFuture::join).toList();
  }
}
