package io.taskbroker.bootstrap;

import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.bootstrap.logging.Multiline;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down every 30 s, at DEBUG, what all platform threads do, for those who ask for it. */
final class ThreadDumps implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");
  private static final Duration REST = Duration.ofSeconds(30);

  private final Loop loop;

  private ThreadDumps(TimeSource time) {
    this.loop =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "thread-dumps",
            ThreadDumps::dump,
            REST,
            new Defects("there is no dump of the threads", time),
            new Heartbeat("thread-dumps", time, Duration.ZERO));
  }

  static ThreadDumps start(TimeSource time) {
    var dumps = new ThreadDumps(time);
    dumps.loop.start();
    return dumps;
  }

  private static int dump() {
    if (LOG.isDebugEnabled()) {
      LOG.atDebug().addKeyValue("threads", new Multiline(text())).log("What all threads do");
    }
    return 0;
  }

  static String text() {
    var byName = new TreeMap<String, String>();
    Thread.getAllStackTraces()
        .forEach(
            (thread, frames) -> {
              var lines = new StringBuilder(thread.getState().toString());
              for (StackTraceElement frame : frames) {
                lines.append("\n  at ").append(frame);
              }
              byName.put(thread.getName() + " #" + thread.threadId(), lines.toString());
            });
    var text = new StringBuilder();
    byName.forEach((name, lines) -> text.append(name).append(": ").append(lines).append('\n'));
    return text.toString();
  }

  @Override
  public void close() {
    loop.close();
  }
}
