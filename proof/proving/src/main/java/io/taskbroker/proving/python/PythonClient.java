package io.taskbroker.proving.python;

import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.SourceTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A client for Python, the reference's or ours, ready to run programs that use it. */
public final class PythonClient {
  private static final List<String> PROGRAMS =
      List.of("proving_app.py", "produce.py", "run_worker.py", "read_metrics.py", "kill_app.py");

  private static final String REFERENCE = "taskbroker_client";

  private final Path python;
  private final String packageName;
  private final List<Path> sources;

  private PythonClient(Path python, String packageName, List<Path> sources) {
    this.python = python;
    this.packageName = packageName;
    this.sources = sources;
  }

  /**
   * The reference's client.
   *
   * @param python interpreter that finds it
   */
  static PythonClient reference(Path python) {
    return new PythonClient(python, REFERENCE, List.of());
  }

  /** Our client, from its sources, in the environment of this one. */
  PythonClient ours() {
    Path source = SourceTree.source("clients/python/src").toAbsolutePath().normalize();
    return new PythonClient(python, "taskbroker", List.of(source));
  }

  String interpreter() {
    return python.toString();
  }

  /**
   * Starts one of our programs, by the names that they have in {@code /workers}. They are written
   * for the reference's client; for ours the name in their imports is replaced, and nothing else.
   *
   * @param folder that all of them are written to
   * @param variables further ones of its environment
   * @param output takes both of its streams
   * @param words its name and its arguments
   */
  public ChildProcess start(
      Path folder, Map<String, String> variables, Path output, List<String> words) {
    Path programs = folder.resolve(packageName).toAbsolutePath();
    PROGRAMS.forEach(
        program -> Resources.copy(program, programs, text -> text.replace(REFERENCE, packageName)));
    List<String> command = new ArrayList<>(List.of("env", "PYTHONUNBUFFERED=1"));
    command.add(
        "PYTHONPATH="
            + Stream.concat(Stream.of(programs), sources.stream())
                .map(Path::toString)
                .collect(Collectors.joining(":")));
    variables.forEach((name, value) -> command.add(name + "=" + value));
    command.add(interpreter());
    command.add(programs.resolve(words.getFirst()).toString());
    command.addAll(words.subList(1, words.size()));
    return ChildProcess.start(command, output);
  }
}
