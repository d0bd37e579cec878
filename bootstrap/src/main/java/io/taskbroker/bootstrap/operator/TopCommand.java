package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code taskbroker top}: a live picture of a running broker. */
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how a running broker is, anew each second: what passes, what waits, who works for it,",
      "and what stands still. Ctrl-C ends it. Where there is no terminal it shows one picture."
    })
public final class TopCommand implements Callable<Integer> {
  private static final Duration BETWEEN_PICTURES = Duration.ofSeconds(1);

  /** Kinds of tasks that are asked for; a screen has room for some dozens. */
  private static final int MOST_QUEUES = 1_000;

  @Mixin private @Nullable BrokerLink link;
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (link == null || spec == null) {
      throw new IllegalStateException("not called through picocli");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (link.isJson()) {
      out.println(BrokerLink.text(asJson(look(link, null))));
    } else if (Screen.isThere(String.valueOf(System.getenv("TERM")))) {
      live(link, new Screen(out, Screen::ofTerminal));
    } else {
      look(link, null).lines(new Screen.Size(Integer.MAX_VALUE, 0)).forEach(out::println);
    }
    out.flush();
    return Question.DONE;
  }

  /** Until the process is asked to end; the terminal is given back then. */
  private static void live(BrokerLink broker, Screen screen) throws InterruptedException {
    TopPicture first = look(broker, null); // a broker that is not there is said as by any command
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("top-leave").unstarted(screen::leave));
    screen.show(first::lines);
    Map<String, Object> before = first.status();
    try {
      while (true) {
        Thread.sleep(BETWEEN_PICTURES);
        before = next(broker, before, screen);
      }
    } finally {
      screen.leave();
    }
  }

  /** The status of the picture that is shown; null if the broker does not answer now. */
  private static @Nullable Map<String, Object> next(
      BrokerLink broker, @Nullable Map<String, Object> before, Screen screen) {
    try {
      TopPicture next = look(broker, before);
      screen.show(next::lines);
      return next.status();
    } catch (Refused e) { // it may be restarting
      List<String> trouble =
          List.of("No picture: " + e.getMessage(), "", "It is tried again each second.");
      screen.show(_ -> trouble);
      return null;
    }
  }

  private static TopPicture look(BrokerLink broker, @Nullable Map<String, Object> before) {
    return new TopPicture(
        broker.address(),
        broker.get("/api/v1/status", Map.of()),
        before,
        Answer.list(broker.get("/api/v1/queues", Map.of("limit", MOST_QUEUES)), "queues"),
        Answer.list(broker.get("/api/v1/applications", Map.of()), "applications"),
        Answer.list(broker.get("/api/v1/why", Map.of()), "explanations"));
  }

  private static Map<String, Object> asJson(TopPicture picture) {
    return Map.of(
        "status", picture.status(),
        "queues", picture.queues(),
        "applications", picture.applications(),
        "explanations", picture.explanations());
  }
}
