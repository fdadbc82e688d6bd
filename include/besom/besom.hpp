// besom.hpp - Besom for C++17: heaps, mutators, frames and handles that end with their scope, and
// references whose assignment is the write barrier.  Header-only, over the C interface, with which it
// mixes.  doc/manual.md, "C++", is the introduction.
//
//     struct node : besom::object {
//         besom::ref<node> next;
//         int value;
//         node(besom::birth b, int v) noexcept : object(b), next(b), value(v) {}
//         static auto references() { return besom::references(&node::next); }
//     };
//
//     besom::heap heap("mode=concurrent");
//     besom::mutator m(heap);
//     besom::local<node> list(m);
//     list = besom::make<node>(m, 1);
//     list->next = besom::make<node>(m, 2);
#ifndef BESOM_BESOM_HPP
#define BESOM_BESOM_HPP

#include <besom/besom.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace besom {

// What a call of the C interface refused, with its reason.
class error : public std::runtime_error {
public:
    error(besom_status status, const std::string &what) : std::runtime_error(what), status_(status) {}
    besom_status status() const noexcept { return status_; }

private:
    besom_status status_;
};

inline void check(besom_status status)
{
    if (BESOM_UNLIKELY(status != BESOM_OK))
        throw error(status, besom_status_text(status));
}

// ---- heaps and mutators ----

// A heap, freed at its end: after its mutators, or that is a leak which debug builds assert.
class heap {
public:
    // Options as in BESOM_OPTIONS, "name=value,..".  Throws error, which names what was wrong.
    explicit heap(const char *options = nullptr)
    {
        besom_config config;
        besom_config_init(&config);
        config.options_text = options;
        open(config);
    }
    explicit heap(const besom_config &config) { open(config); }
    ~heap() { besom_heap_free(heap_); }
    heap(const heap &) = delete;
    heap &operator=(const heap &) = delete;

    besom_heap *get() const noexcept { return heap_; }

private:
    void open(const besom_config &config)
    {
        besom_report report;
        besom_status status = besom_heap_new(&config, &heap_, &report);
        if (status != BESOM_OK)
            throw error(status, report.text);
    }
    besom_heap *heap_ = nullptr;
};

namespace detail {
// Whose barrier an assignment to a ref calls: the innermost mutator that this thread has made.
inline thread_local besom_mutator *current = nullptr;
} // namespace detail

// This thread's access to a heap, for a scope.  The thread's current mutator meanwhile.
class mutator {
public:
    explicit mutator(heap &h) : m_(besom_attach(h.get())), outer_(detail::current)
    {
        if (!m_)
            throw error(BESOM_E_STATE, "no mutator: no memory, or the thread has one in this heap");
        detail::current = m_;
    }
    ~mutator()
    {
        detail::current = outer_;
        besom_detach(m_);
    }
    mutator(const mutator &) = delete;
    mutator &operator=(const mutator &) = delete;
    static void *operator new(std::size_t) = delete;

    operator besom_mutator *() const noexcept { return m_; }
    bool poll() { return besom_poll(m_); }
    void collect() { check(besom_collect(m_, BESOM_FULL)); }

private:
    besom_mutator *m_;
    besom_mutator *outer_;
};

// Makes another of the thread's mutators the current one, for a scope: with several heaps.
class use {
public:
    explicit use(besom_mutator *m) : outer_(detail::current) { detail::current = m; }
    ~use() { detail::current = outer_; }
    use(const use &) = delete;
    use &operator=(const use &) = delete;

private:
    besom_mutator *outer_;
};

// A native region, for a scope: the thread does not touch the heap, and delays no collection.
class native {
public:
    explicit native(besom_mutator *m) : m_(m) { check(besom_native_enter(m)); }
    ~native() { besom_native_leave(m_); }
    native(const native &) = delete;
    native &operator=(const native &) = delete;

private:
    besom_mutator *m_;
};

// ---- roots ----

// A local variable that is a root: a frame of one reference.  Only an automatic variable, so that
// locals end in the reverse order of their beginning, with a return or an exception.
template <class T> class local {
public:
    explicit local(besom_mutator *m, T *object = nullptr) noexcept : object_(object)
    {
        besom__frame_push(m, &frame_, 1, "besom::local");
    }
    ~local() { frame_.mutator->frames = frame_.previous; }
    local(const local &) = delete;
    local &operator=(const local &other) noexcept { return *this = other.object_; }
    static void *operator new(std::size_t) = delete;
    static void *operator new[](std::size_t) = delete;

    local &operator=(T *object) noexcept
    {
        object_ = object;
        return *this;
    }
    T *get() const noexcept { return object_; }
    operator T *() const noexcept { return object_; }
    T *operator->() const noexcept { return object_; }
    T &operator*() const noexcept { return *object_; }

private:
    besom_frame frame_; // the library finds the reference right behind it
    T *object_;
};

// A root that may be moved and outlive its function: a handle.
template <class T> class handle {
public:
    handle() noexcept = default;
    explicit handle(besom_mutator *m, T *object = nullptr, const char *name = "besom::handle")
        : handle_(besom_handle_new(m, object, name))
    {
        if (!handle_)
            throw std::bad_alloc();
    }
    ~handle() { reset(); }
    handle(handle &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    handle &operator=(handle &&other) noexcept
    {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    handle(const handle &) = delete;
    handle &operator=(const handle &) = delete;

    void set(T *object) { check(besom_handle_set(handle_, object)); }
    T *get() const noexcept { return static_cast<T *>(besom_handle_get(handle_)); }
    T *operator->() const noexcept { return get(); }
    explicit operator bool() const noexcept { return get() != nullptr; }
    void reset() noexcept
    {
        if (handle_)
            besom_handle_free(std::exchange(handle_, nullptr));
    }

private:
    besom_handle *handle_ = nullptr;
};

// ---- objects and their references ----

class birth;
template <class T> class ref;

namespace detail {

// The start of the object that `slot` is inside of: the nearest granule before with a color.
inline void *object_of(void *slot) noexcept
{
    auto granule = reinterpret_cast<std::uintptr_t>(slot) & ~std::uintptr_t{BESOM__GRANULE_BYTES - 1};
    while (!(__atomic_load_n(besom__meta(reinterpret_cast<void *>(granule)), __ATOMIC_RELAXED) &
             BESOM__COLOR))
        granule -= BESOM__GRANULE_BYTES;
    return reinterpret_cast<void *>(granule);
}

inline void store(besom_mutator *m, void *slot, void *value) noexcept
{
    __atomic_store_n(static_cast<void **>(slot), value, __ATOMIC_RELAXED);
    if (BESOM_UNLIKELY(m->barrier_on))
        besom_write_at(m, object_of(slot), slot);
}
} // namespace detail

// That an object is being born in a heap: only besom::make gives one out, and a ref cannot be made
// without, so no ref lies where the collector would not look for it.
class birth {
    template <class T, class... Args> friend T *make(besom_mutator *m, Args &&...args);
    template <class T> friend class ref;
    friend class object;
    birth(const besom_type *type, const void *start, std::vector<std::size_t> *seen) noexcept
        : type_(type), start_(start), seen_(seen)
    {
    }
    void note(const void *slot) const
    {
        if (BESOM_UNLIKELY(seen_ != nullptr))
            seen_->push_back(static_cast<std::size_t>(static_cast<const char *>(slot) -
                                                      static_cast<const char *>(start_)));
    }
    const besom_type *type_;
    const void *start_;
    std::vector<std::size_t> *seen_; // where the offsets of refs go, for the first object of a type
};

// What objects of the heap derive from, first: the word that says their type.
class object {
public:
    // Stored again, because a compiler may drop what was in the memory before a constructor.
    explicit object(birth b) noexcept : besom_type_(b.type_) {}
    object(const object &) = delete;
    object &operator=(const object &) = delete;
    static void *operator new(std::size_t) = delete;
    static void *operator new(std::size_t, void *at) noexcept { return at; }

    const besom_type *type_of_object() const noexcept { return besom_type_; }

private:
    const besom_type *besom_type_;
};

// A reference from one object of the heap to another: a plain pointer in memory, whose assignment is
// a store with the barrier of the thread's current mutator.  It cannot be made outside of an object.
template <class T> class ref {
public:
    ref() = delete;
    ref(const ref &) = delete;
    ref(birth b) noexcept : object_(nullptr) { b.note(this); }
    // A newborn's stores need no barrier.
    ref(birth b, T *object) noexcept : object_(object) { b.note(this); }

    ref &operator=(T *object) noexcept
    {
        detail::store(detail::current, &object_, object);
        return *this;
    }
    ref &operator=(const ref &other) noexcept { return *this = other.get(); }
    void set(besom_mutator *m, T *object) noexcept { detail::store(m, &object_, object); }

    T *get() const noexcept { return __atomic_load_n(&object_, __ATOMIC_RELAXED); }
    operator T *() const noexcept { return get(); }
    T *operator->() const noexcept { return get(); }
    T &operator*() const noexcept { return *get(); }
    T **operator&() = delete; // no way around the barrier

private:
    T *object_;
};

// N of them, as a member.
template <class T, std::size_t N> class refs {
public:
    explicit refs(birth b) noexcept : refs(b, std::make_index_sequence<N>()) {}
    ref<T> &operator[](std::size_t i) noexcept { return at_[i]; }
    const ref<T> &operator[](std::size_t i) const noexcept { return at_[i]; }
    static constexpr std::size_t size() noexcept { return N; }

private:
    template <std::size_t... I>
    refs(birth b, std::index_sequence<I...>) noexcept : at_{((void)I, ref<T>(b))...}
    {
    }
    ref<T> at_[N];
};

using reference_map = std::vector<besom_field>;

namespace detail {
// Where a member lies: asked of memory of the right size and alignment that holds no object.
template <class Class, class Member> std::uint32_t offset_in(Member Class::*member)
{
    alignas(Class) static char room[sizeof(Class)];
    auto *base = reinterpret_cast<Class *>(room);
    auto *at = reinterpret_cast<const volatile char *>(std::addressof(base->*member));
    return static_cast<std::uint32_t>(at - room);
}
template <class Class, class T> void add(reference_map &map, ref<T> Class::*member)
{
    map.push_back({"reference", offset_in(member)});
}
template <class Class, class T, std::size_t N> void add(reference_map &map, refs<T, N> Class::*member)
{
    for (std::size_t i = 0; i < N; i++)
        map.push_back({"reference",
                       offset_in(member) + static_cast<std::uint32_t>(i * sizeof(void *))});
}

template <class T, class = void> struct has_references : std::false_type {};
template <class T>
struct has_references<T, std::void_t<decltype(T::references())>> : std::true_type {};

template <class T> reference_map references_of()
{
    if constexpr (has_references<T>::value)
        return T::references();
    else
        return {};
}

// The type of T's objects, made once: the map from T::references(), a hook if T has a destructor.
template <class T> struct type_maker {
    reference_map map = references_of<T>();
    besom_type type{};
    std::atomic<bool> is_checked{false};

    type_maker()
    {
        type.name = typeid(T).name();
        type.size_bytes = sizeof(T);
        type.flags = map.empty() ? unsigned{BESOM_LEAF} : 0u;
        type.fields = map.data();
        type.n_fields = map.size();
        if constexpr (!std::is_trivially_destructible_v<T>)
            type.destroy = [](besom_heap *, void *obj) { static_cast<T *>(obj)->~T(); };
    }

    // Does references() name every ref that a constructor made?
    void check(const std::vector<std::size_t> &seen)
    {
        for (std::size_t offset : seen) {
            bool is_named = false;
            for (const besom_field &field : map)
                is_named |= field.offset_bytes == offset;
            if (!is_named)
                throw error(BESOM_E_TYPE, std::string(type.name) + ": the ref at offset " +
                                              std::to_string(offset) +
                                              " is not in references()");
        }
        is_checked = true;
    }
};

template <class T> type_maker<T> &made()
{
    static type_maker<T> maker;
    return maker;
}
} // namespace detail

// The references of a class, by its members of type ref or refs:
//     static auto references() { return besom::references(&node::left, &node::right); }
template <class... Members> reference_map references(Members... members)
{
    reference_map map;
    (detail::add(map, members), ...);
    return map;
}

// The struct besom_type of T's objects: for besom_each, and to ask for an object's type.
template <class T> const besom_type *type()
{
    return &detail::made<T>().type;
}

// Makes a T in the heap: T(birth, args...), which must not throw, since a heap takes nothing back.
// Throws std::bad_alloc at the heap's limit.  The first of each type checks that references() is
// complete, and throws error if a ref is missing there.  A safepoint where allocation is one.
template <class T, class... Args> T *make(besom_mutator *m, Args &&...args)
{
    static_assert(std::is_base_of_v<object, T>, "an object of the heap derives from besom::object");
    static_assert(!std::is_polymorphic_v<T>, "the first word of an object is its besom type");
    static_assert(std::is_nothrow_constructible_v<T, birth, Args...>,
                  "a constructor T(besom::birth, ..) is needed, and it must be noexcept");
    static_assert(alignof(T) <= 16, "objects are aligned to 16 bytes");
    static_assert(sizeof(T) < (std::size_t{1} << 20), "a reference must be near its object's start");
    detail::type_maker<T> &maker = detail::made<T>();
    void *memory = besom_new(m, &maker.type);
    if (BESOM_UNLIKELY(!memory))
        throw std::bad_alloc();
    if (BESOM_LIKELY(maker.is_checked.load(std::memory_order_relaxed)))
        return ::new (memory) T(birth(&maker.type, memory, nullptr), std::forward<Args>(args)...);
    std::vector<std::size_t> seen;
    T *made = ::new (memory) T(birth(&maker.type, memory, &seen), std::forward<Args>(args)...);
    maker.check(seen);
    return made;
}

// An array of references in the heap, of a length chosen when it is made.
template <class T> class array {
public:
    array() = delete;
    array(const array &) = delete;

    std::size_t size() const noexcept { return size_; }
    T *operator[](std::size_t i) const noexcept
    {
        return static_cast<T *>(__atomic_load_n(&slots()[i], __ATOMIC_RELAXED));
    }
    void set(besom_mutator *m, std::size_t i, T *object) noexcept
    {
        besom_set(m, this, &slots()[i], object);
    }
    static array *make(besom_mutator *m, std::size_t size)
    {
        if (size > (SIZE_MAX / 4 - sizeof(array)) / sizeof(void *))
            throw std::bad_alloc();
        void *memory = besom_new_sized(m, type(), sizeof(array) + size * sizeof(void *));
        if (!memory)
            throw std::bad_alloc();
        auto *made = static_cast<array *>(memory);
        made->size_ = size;
        return made;
    }
    static const besom_type *type()
    {
        static const besom_field element = {"element", 0};
        static const besom_type made = [] {
            besom_type t{};
            t.name = "besom::array";
            t.size_bytes = sizeof(array);
            t.tail.offset_bytes = sizeof(array);
            t.tail.stride_bytes = sizeof(void *);
            t.tail.length_offset_bytes = sizeof(void *);
            t.tail.length_width_bytes = sizeof(std::size_t);
            t.tail.fields = &element;
            t.tail.n_fields = 1;
            return t;
        }();
        return &made;
    }

private:
    void **slots() const noexcept
    {
        return reinterpret_cast<void **>(const_cast<array *>(this) + 1);
    }
    const besom_type *type_;
    std::size_t size_;
};

} // namespace besom

#endif
