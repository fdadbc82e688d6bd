(* weak.ml - the weak workloads of besom-bench in OCaml, as its users would write them.

   bench/worker.h says how a worker is spoken to; bench/workload-*.c say what each workload does.  A
   table with weak keys is one of Ephemeron.K1, whose keys are hashed by their number, since objects
   move.  Symbols are in a set of Weak.Make, which wants a symbol to look for one.  The cache is a
   list by last use, with weak pointers to what it has evicted.

   A full collection is one major cycle, Gc.major; Gc.full_major, for those that must not leave
   anything, makes three.  How long OCaml collects besides is not told: the longest of the
   collections that are called for is the stop that is reported. *)

let stream_length = 1 lsl 18
let stream_seed = 12345
let mask = 0xffffffff

(* ---- what all workloads share ---- *)

let value metric number = Printf.printf "value %s %.17g\n" metric number
let check sum = Printf.printf "check %d\n" sum

let fail why =
  Printf.printf "failed %s\n" why;
  exit 1

let sum_of sum seen = ((sum * 31) + seen) land mask

(* Uniform in [0, 2^32). *)
let random_new seed =
  let x = ref seed in
  fun () ->
    x := (!x lxor (!x lsl 13)) land mask;
    x := !x lxor (!x lsr 17);
    x := (!x lxor (!x lsl 5)) land mask;
    !x

let below random bound = (random () * bound) lsr 32

(* Out of sight of the collector, as for those that do not look into arrays of numbers. *)
type stream = Bytes.t

let stream_of (choose : unit -> int) : stream =
  let stream = Bytes.create (4 * stream_length) in
  for i = 0 to stream_length - 1 do
    Bytes.set_int32_le stream (4 * i) (Int32.of_int (choose ()))
  done;
  stream

let stream_uniform bound =
  let random = random_new stream_seed in
  stream_of (fun () -> below random bound)

let stream_skewed bound =
  let random = random_new stream_seed in
  stream_of (fun () ->
      let square = float_of_int (random ()) *. 0x1p-32 in
      let square = square *. square in
      int_of_float (square *. square *. float_of_int bound))

let stream_at (stream : stream) i =
  Int32.to_int (Bytes.get_int32_le stream (4 * (i land (stream_length - 1))))

let now = Unix.gettimeofday

let median samples =
  Array.sort compare samples;
  let n = Array.length samples in
  (samples.((n - 1) / 2) +. samples.(n / 2)) /. 2.

(* The longest of the collections that were called for, in seconds. *)
let longest = ref 0.

let collect () =
  let began = now () in
  Gc.major ();
  let took = now () -. began in
  longest := Float.max !longest took;
  took

let median_collection n = median (Array.init n (fun _ -> collect ()))

(* Runs body, and reports what an operation took and the longest stop. *)
let measure operations body =
  Gc.full_major ();
  longest := 0.;
  let began = now () in
  body ();
  value "ns_per_op" ((now () -. began) *. 1e9 /. float_of_int operations);
  value "stop_ms_max" (!longest *. 1e3)

type item = { number : int }

module By_identity = struct
  type t = item

  let equal = ( == )
  let hash item = Hashtbl.hash item.number
end

module Weak_map = Ephemeron.K1.Make (By_identity)
module Map = Hashtbl.Make (By_identity)

(* ---- tables with weak keys ---- *)

(* A chain of n entries in map; its first key. *)
let chain_new map n =
  let random = random_new stream_seed in
  let keys = Array.init (n + 1) (fun number -> { number }) in
  let order = Array.init n (fun i -> i) in
  for i = n - 1 downto 1 do
    let j = below random (i + 1) in
    let swapped = order.(i) in
    order.(i) <- order.(j);
    order.(j) <- swapped
  done;
  Array.iter (fun i -> Weak_map.replace map keys.(i) keys.(i + 1)) order;
  keys.(0)

let ephemeron param =
  let n = param "entries" in
  let map = Weak_map.create 16 in
  let first = chain_new map n in
  let began = now () in
  Gc.full_major ();
  let first_s = now () -. began in
  value "ns_per_entry" (median_collection (param "collections") *. 1e9 /. float_of_int n);
  value "first_ns_per_entry" (first_s *. 1e9 /. float_of_int n);
  let rec walk sum item =
    let sum = sum_of sum item.number in
    match Weak_map.find_opt map item with Some next -> walk sum next | None -> sum
  in
  check (walk 0 first)

let live_bytes () = float_of_int ((Gc.stat ()).live_words * (Sys.word_size / 8))

let weak_table param =
  let n = param "entries" in
  let keys = Array.init n (fun number -> { number }) in
  let values = Array.init n (fun i -> { number = n + i }) in
  Gc.full_major ();
  let without = median_collection 5 in
  let without_bytes = live_bytes () in
  let map = Weak_map.create 16 in
  Array.iteri (fun i key -> Weak_map.replace map key values.(i)) keys;
  Gc.full_major ();
  let all = median_collection 5 in
  value "ns_per_entry" ((all -. without) *. 1e9 /. float_of_int n);
  value "bytes_per_entry" ((live_bytes () -. without_bytes) /. float_of_int n);
  value "graph_ns_per_entry" (without *. 1e9 /. float_of_int n);
  check (Array.fold_left (fun sum key -> sum_of sum (Weak_map.find map key).number) 0 keys);
  ignore (Sys.opaque_identity values)

let weak_churn param =
  let n = param "entries" and operations = param "operations" in
  let choices = stream_uniform n in
  let map = Weak_map.create 16 in
  let enter number =
    let key = { number } in
    Weak_map.replace map key { number };
    key
  in
  let window = Array.init n enter in
  let sum = ref 0 and oldest = ref 0 in
  measure operations (fun () ->
      for i = 0 to operations - 1 do
        window.(!oldest) <- enter (n + i);
        sum := sum_of !sum (Weak_map.find map window.(stream_at choices i)).number;
        incr oldest;
        if !oldest = n then begin
          oldest := 0;
          ignore (collect ())
        end
      done);
  check !sum;
  Gc.full_major ();
  if (Weak_map.stats_alive map).num_bindings <> n then
    fail "entries of dead keys are left, or others are not";
  ignore (Sys.opaque_identity window)

(* ---- interning ---- *)

type symbol = { text : string; length : int }

module Symbols = Weak.Make (struct
  type t = symbol

  let equal a b = String.equal a.text b.text
  let hash symbol = Hashtbl.hash symbol.text
end)

(* A text of words, of which there are n, and where in it each begins. *)
let text_new n =
  let random = random_new stream_seed in
  let word_new _ =
    let length = 6 + below random 16 in
    String.init length (fun _ -> Char.chr (97 + below random 26))
  in
  let dictionary = Array.init n word_new in
  let words = stream_skewed n in
  let text = Buffer.create (stream_length * 14) and at = Array.make (stream_length + 1) 0 in
  for i = 0 to stream_length - 1 do
    Buffer.add_string text dictionary.(stream_at words i);
    at.(i + 1) <- Buffer.length text
  done;
  (Buffer.contents text, at)

let intern param =
  let n = param "entries" and operations = param "operations" in
  let text, at = text_new (4 * n) in
  let set = Symbols.create 16 in
  let held = Array.make n { text = "none"; length = 4 } in
  let intern text = Symbols.merge set { text; length = String.length text } in
  let sum = ref 0 and oldest = ref 0 in
  measure operations (fun () ->
      for i = 0 to operations - 1 do
        let word = i land (stream_length - 1) in
        let symbol = intern (String.sub text at.(word) (at.(word + 1) - at.(word))) in
        held.(!oldest) <- symbol;
        sum := sum_of !sum (symbol.length + Char.code symbol.text.[0]);
        incr oldest;
        if !oldest = n then begin
          oldest := 0;
          ignore (collect ())
        end
      done);
  check !sum;
  let is_canonical symbol = symbol.text = "none" || intern symbol.text == symbol in
  if not (Array.for_all is_canonical held) then fail "two symbols have one text"

(* ---- the cache ---- *)

type node = {
  key : item;
  mutable words : int array;
  mutable newer : node;
  mutable older : node;
}

(* Nodes by key, in a ring by last use: ring.newer is the oldest, ring.older the newest. *)
type cache = {
  nodes : node Map.t;
  evicted : int array Weak.t Map.t;
  ring : node;
  budget : int;
  mutable kept : int;
}

let cost words = 16 + (8 * Array.length words)

let cache_new budget =
  let rec ring = { key = { number = -1 }; words = [||]; newer = ring; older = ring } in
  { nodes = Map.create 16; evicted = Map.create 16; ring; budget; kept = 0 }

let list_add cache node =
  node.newer <- cache.ring;
  node.older <- cache.ring.older;
  cache.ring.older.newer <- node;
  cache.ring.older <- node

let list_remove node =
  node.newer.older <- node.older;
  node.older.newer <- node.newer

let rec evict cache =
  if cache.kept > cache.budget then begin
    let oldest = cache.ring.newer in
    let weak = Weak.create 1 in
    list_remove oldest;
    cache.kept <- cache.kept - cost oldest.words;
    Map.remove cache.nodes oldest.key;
    Weak.set weak 0 (Some oldest.words);
    Map.replace cache.evicted oldest.key weak;
    evict cache
  end

let cache_put cache key words =
  (match Map.find_opt cache.nodes key with
  | Some node ->
      list_remove node;
      cache.kept <- cache.kept - cost node.words;
      node.words <- words;
      list_add cache node
  | None ->
      let node = { key; words; newer = cache.ring; older = cache.ring } in
      Map.replace cache.nodes key node;
      list_add cache node);
  cache.kept <- cache.kept + cost words;
  evict cache

let cache_get cache key =
  match Map.find_opt cache.nodes key with
  | Some node ->
      list_remove node;
      list_add cache node;
      Some node.words
  | None -> (
      match Map.find_opt cache.evicted key with
      | None -> None
      | Some weak ->
          let found = Weak.get weak 0 in
          Map.remove cache.evicted key;
          Option.iter (cache_put cache key) found;
          found)

let cache param =
  let n = param "entries" and operations = param "operations" in
  let choices = stream_skewed n in
  let keys = Array.init n (fun number -> { number }) in
  let held = Array.make 4096 [||] in
  let cache = cache_new (param "budget_bytes") in
  let sum = ref 0 and misses = ref 0 in
  measure operations (fun () ->
      for i = 0 to operations - 1 do
        let key = keys.(stream_at choices i) in
        let words =
          match cache_get cache key with
          | Some words -> words
          | None ->
              incr misses;
              let words = Array.init (2 + (key.number * 7 mod 15)) (fun j -> key.number + j) in
              cache_put cache key words;
              words
        in
        if i land 63 = 0 then held.((i / 64) land 4095) <- words;
        sum := sum_of !sum words.(1);
        if (i + 1) mod n = 0 then ignore (collect ())
      done);
  value "miss_fraction" (float_of_int !misses /. float_of_int operations);
  check !sum

(* ---- finalizers ---- *)

let finalize param =
  let n = param "entries" and operations = param "operations" in
  let window = Array.make n { number = -1 } in
  let heard = ref 0 and sum = ref 0 and oldest = ref 0 in
  let hear item =
    incr heard;
    sum := (!sum + item.number) land mask
  in
  measure operations (fun () ->
      for i = 0 to operations - 1 do
        let item = { number = i } in
        Gc.finalise hear item;
        window.(!oldest) <- item;
        incr oldest;
        if !oldest = n then begin
          oldest := 0;
          ignore (collect ())
        end
      done);
  Array.fill window 0 n { number = -1 };
  for _ = 1 to 10 do
    if !heard <> operations then Gc.full_major ()
  done;
  if !heard <> operations then fail "not every object was finalized, or not once";
  check !sum

(* ---- one run ---- *)

let workloads =
  [
    ("ephemeron", ephemeron);
    ("weak-table", weak_table);
    ("weak-churn", weak_churn);
    ("intern", intern);
    ("cache", cache);
    ("finalize", finalize);
  ]

(* The number in the argument NAME=NUMBER. *)
let param name =
  let prefix = name ^ "=" in
  let length = String.length prefix in
  let is_meant word =
    String.length word > length && String.equal (String.sub word 0 length) prefix
  in
  match List.find_opt is_meant (Array.to_list Sys.argv) with
  | Some word -> int_of_string (String.sub word length (String.length word - length))
  | None -> fail (Printf.sprintf "parameter %s is missing" name)

let () =
  match Array.to_list Sys.argv with
  | [ _; "about" ] -> print_endline ("ocaml " ^ Sys.ocaml_version)
  | _ :: name :: _ when List.mem_assoc name workloads -> (List.assoc name workloads) param
  | _ -> fail "this worker has no such workload"
