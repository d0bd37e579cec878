package io.taskbroker.architecture;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * Prints how the program is cut: the modules and what they depend on, read from their poms, and the
 * longest files and methods of the code that is shipped.
 *
 * <p>Started from its source by the launcher, so it uses nothing but the JDK.
 */
final class Structure {
  private static final int LONGEST = 10;

  private record Length(int lines, String what) {}

  private Structure() {}

  /** Takes the folder of the repository. */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args.length == 0 ? "." : args[0]).toAbsolutePath();
    Map<String, Set<String>> modules = modules(root);
    System.out.println("Modules, each with what it depends on:");
    modules.forEach(
        (name, below) -> System.out.printf("  %-20s %s%n", name, String.join(" ", below)));
    System.out.println("\nThe same for a page that draws Mermaid:\n" + mermaid(modules));
    List<Path> sources = sources(folders(root));
    print("files", sources.stream().map(source -> lengthOf(source, root)).toList());
    print("methods", methodLengths(sources, root));
  }

  /** The modules in the order of the build, each with those that its pom names, tests aside. */
  static Map<String, Set<String>> modules(Path root)
      throws IOException, ParserConfigurationException, SAXException {
    Map<String, Set<String>> modules = new LinkedHashMap<>();
    for (Path folder : folders(root)) {
      modules.put(folder.getFileName().toString(), below(pom(folder)));
    }
    return modules;
  }

  /** The folders of the modules, in the order of the build. */
  private static List<Path> folders(Path root)
      throws IOException, ParserConfigurationException, SAXException {
    return elements(pom(root), "module").stream()
        .map(module -> root.resolve(module.getTextContent()))
        .toList();
  }

  private static Set<String> below(Document pom) {
    Set<String> below = new LinkedHashSet<>();
    for (Element dependency : elements(pom, "dependency")) {
      boolean ours = text(dependency, "groupId").equals("io.taskbroker");
      if (ours && !text(dependency, "scope").equals("test")) {
        below.add(text(dependency, "artifactId").substring("taskbroker-".length()));
      }
    }
    return below;
  }

  /** The modules as a graph from top to bottom; an arrow that follows from others is left out. */
  static String mermaid(Map<String, Set<String>> modules) {
    StringBuilder graph = new StringBuilder("```mermaid\ngraph TD\n");
    modules.forEach(
        (name, below) ->
            below.stream()
                .filter(lower -> below.stream().noneMatch(other -> reaches(other, lower, modules)))
                .forEach(lower -> graph.append("  " + name + " --> " + lower + "\n")));
    return graph.append("```\n").toString();
  }

  private static boolean reaches(String from, String to, Map<String, Set<String>> modules) {
    Set<String> below = modules.getOrDefault(from, Set.of());
    return below.contains(to) || below.stream().anyMatch(next -> reaches(next, to, modules));
  }

  private static Document pom(Path folder)
      throws IOException, ParserConfigurationException, SAXException {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(folder.resolve("pom.xml").toFile());
  }

  private static List<Element> elements(Document document, String tag) {
    List<Element> elements = new ArrayList<>();
    var nodes = document.getElementsByTagName(tag);
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static String text(Element parent, String tag) {
    var nodes = parent.getElementsByTagName(tag);
    return nodes.getLength() == 0 ? "" : nodes.item(0).getTextContent();
  }

  private static List<Path> sources(List<Path> modules) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Path module : modules) {
      Path main = module.resolve("src/main");
      if (Files.isDirectory(main)) {
        try (Stream<Path> files = Files.walk(main)) {
          files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
        }
      }
    }
    return sources;
  }

  private static Length lengthOf(Path source, Path root) {
    try (Stream<String> lines = Files.lines(source)) {
      return new Length((int) lines.count(), root.relativize(source).toString());
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + source, e);
    }
  }

  private static List<Length> methodLengths(List<Path> sources, Path root) throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    List<Length> lengths = new ArrayList<>();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        String file = root.relativize(Path.of(unit.getSourceFile().toUri())).toString();
        unit.accept(new MethodLengths(unit, positions, file, lengths), null);
      }
    }
    return lengths;
  }

  private static void print(String what, List<Length> lengths) {
    System.out.println("Longest " + what + ", in lines:");
    lengths.stream()
        .sorted(Comparator.comparingInt(Length::lines).reversed())
        .limit(LONGEST)
        .forEach(length -> System.out.printf("%5d  %s%n", length.lines(), length.what()));
    System.out.println();
  }

  private static final class MethodLengths extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final String file;
    private final List<Length> lengths;

    MethodLengths(
        CompilationUnitTree unit, SourcePositions positions, String file, List<Length> lengths) {
      this.unit = unit;
      this.positions = positions;
      this.file = file;
      this.lengths = lengths;
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      LineMap lines = unit.getLineMap();
      long first = lines.getLineNumber(positions.getStartPosition(unit, method));
      long last = lines.getLineNumber(positions.getEndPosition(unit, method));
      lengths.add(
          new Length((int) (last - first + 1), file + ":" + first + "  " + method.getName()));
      return super.visitMethod(method, null);
    }
  }
}
