import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.EmptyIndex;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Serves the MongoDB wire protocol from memory, and writes the URI into the file
 *  named by its first argument once it answers: on a free port of loopback, or on
 *  the host and port of its other two. */
public class Start {
    /** The least that version 2 of the Go driver talks to; the server itself offers
     *  at most wire version 8, and speaks all that our stores use of 9. */
    static final MongoVersion VERSION = new MongoVersion() {
        @Override public List<Integer> getVersionArray() { return List.of(4, 4, 0); }
        @Override public int getWireVersion() { return 9; }
    };

    public static void main(String[] args) throws Exception {
        MemoryBackend backend = new IndexedBackend();
        backend.version(VERSION);
        MongoServer server = new MongoServer(backend);
        String host = args.length > 1 ? args[1] : "127.0.0.1";
        server.bind(host, args.length > 2 ? Integer.parseInt(args[2]) : 0);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        String uri = "mongodb://" + host + ":" + server.getLocalAddress().getPort() + "/";
        Path file = Path.of(args[0]);
        Path part = Path.of(args[0] + ".part");
        Files.writeString(part, uri);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        Thread.currentThread().join();
    }
}

/** The server's own indexes keep names unique, and find by nothing but an index's
 *  whole key: what else is asked, it looks for in all documents, under one lock. With
 *  some thousand documents that is slower than all of scimgate, so that a test under
 *  load would measure this server. These indexes name the documents that may match;
 *  the server still holds each of them against the whole query. */
class IndexedBackend extends MemoryBackend {
    @Override public MemoryDatabase openOrCreateDatabase(String name) {
        return new IndexedDatabase(name, getCursorRegistry());
    }
}

class IndexedDatabase extends MemoryDatabase {
    IndexedDatabase(String name, CursorRegistry cursors) { super(name, cursors); }

    @Override
    protected Index<Integer> openOrCreateUniqueIndex(String of, String name, List<IndexKey> keys, boolean sparse) {
        return new UniqueIndex(name, keys, sparse);
    }

    @Override
    protected Index<Integer> openOrCreateSecondaryIndex(String of, String name, List<IndexKey> keys, boolean sparse) {
        return new FieldIndex(name, keys);
    }
}

/** A unique index that also finds by ranges, and where a query says more than its key. */
class UniqueIndex extends MemoryUniqueIndex {
    private final FieldIndex field;

    UniqueIndex(String name, List<IndexKey> keys, boolean sparse) {
        super(name, keys, sparse);
        field = new FieldIndex(name, keys);
    }

    @Override public void add(Document document, Integer position, MongoCollection<Integer> of) {
        super.add(document, position, of);
        field.add(document, position, of);
    }

    @Override public Integer remove(Document document) {
        field.remove(document);
        return super.remove(document);
    }

    @Override public boolean canHandle(Document query) {
        return super.canHandle(query) || field.canHandle(query);
    }

    @Override public Iterable<Integer> getPositions(Document query) {
        return super.canHandle(query) ? super.getPositions(query) : field.getPositions(query);
    }
}

/** Finds by the first field of an index's key: text or a number, one of several, or a
 *  range; in the order in which a look through all documents would come upon them. */
class FieldIndex extends EmptyIndex<Integer> {
    private final String field;
    private final NavigableMap<Object, Set<Integer>> positions = new TreeMap<>(ValueComparator.asc());
    private final Map<Object, Integer> byID = new HashMap<>();

    FieldIndex(String name, List<IndexKey> keys) {
        super(name, keys);
        field = keys.get(0).getKey();
    }

    @Override public void add(Document document, Integer position, MongoCollection<Integer> of) {
        for (Object value : values(document.get(field))) {
            positions.computeIfAbsent(value, v -> new TreeSet<>()).add(position);
            byID.put(document.get("_id"), position);
        }
    }

    /** Returns null: where a document is, the index of its _id says. */
    @Override public Integer remove(Document document) {
        Integer position = byID.remove(document.get("_id"));
        for (Object value : values(document.get(field))) {
            Set<Integer> at = positions.get(value);
            if (at != null && at.remove(position) && at.isEmpty()) positions.remove(value);
        }
        return null;
    }

    @Override
    public void updateInPlace(Document before, Document after, Integer position, MongoCollection<Integer> of) {
        remove(before);
        add(after, position, of);
    }

    @Override public boolean canHandle(Document query) {
        Object asked = asked(query);
        if (!(asked instanceof Document by)) return plain(asked);
        if (by.get("$in") instanceof Collection<?> several) return several.stream().allMatch(FieldIndex::plain);
        return bound(by, "$gt", "$gte") != null || bound(by, "$lt", "$lte") != null;
    }

    @Override public Iterable<Integer> getPositions(Document query) {
        Set<Integer> found = new TreeSet<>();
        Object asked = asked(query);
        if (!(asked instanceof Document by)) {
            found.addAll(positions.getOrDefault(asked, Set.of()));
        } else if (by.get("$in") instanceof Collection<?> several) {
            several.forEach(value -> found.addAll(positions.getOrDefault(value, Set.of())));
        } else {
            range(by).values().forEach(found::addAll);
        }
        return found;
    }

    private Map<Object, Set<Integer>> range(Document by) {
        Object from = bound(by, "$gt", "$gte"), to = bound(by, "$lt", "$lte");
        if (from == null) return positions.headMap(to, true);
        if (to == null) return positions.tailMap(from, true);
        return ValueComparator.asc().compare(from, to) > 0 ? Map.of() : positions.subMap(from, true, to, true);
    }

    private static Object bound(Document by, String... names) {
        for (String name : names) {
            if (plain(by.get(name))) return by.get(name);
        }
        return null;
    }

    /** What the query says of the field, itself or in one of the parts that must all be true. */
    private Object asked(Document query) {
        if (query.containsKey(field)) return query.get(field);
        if (!(query.get("$and") instanceof Collection<?> parts)) return null;
        for (Object part : parts) {
            if (part instanceof Document of && of.containsKey(field)) return of.get(field);
        }
        return null;
    }

    private static Collection<?> values(Object value) {
        Collection<?> all = value instanceof Collection<?> several ? several : value == null ? List.of() : List.of(value);
        return all.stream().filter(FieldIndex::plain).toList();
    }

    private static boolean plain(Object value) { return value instanceof String || value instanceof Number; }
}
