/* ------------------------------------------------------------------------
 * Weak things between TERMINATE and the reuse of memory, as a finite model:
 * a collector that clears them in quanta, beside mutators that look at them.
 *
 *   WEAK      CLEAR_EARLY  the short reference to a white object goes
 *             FINALIZE     registered white objects are found, then visited,
 *                          and marked with what they reach; then the queue
 *                          hands them out
 *             CLEAR_LATE   the long reference goes, and entries of listed
 *                          tables, if what they refer to is white now
 *   FINALIZE  destroy hooks run on what is white
 *   SWEEP     white objects are freed one by one, and born again
 *
 * A quantum holds settle_lock.  So does a mutator's look, if it reads WEAK.
 * A look that finds something white during the first two stages brings it
 * back: it completes the first stage, visits the object, and marks to the
 * end; one that finds something marked marks to the end what has been begun.
 * The answer is what was loaded, or null.  Where WEAK is not read there is
 * no lock and no test.  Memory is read and written one word at a time, in
 * program order: locks, and the phase (release, acquire), order all that is
 * shared; strong fields are stored to only where nobody marks (C21), and
 * that is among what is asserted.
 *
 * The objects are 1, a root, and 2 to N, which form a chain, each with a
 * strong field.  What is marked at TERMINATE is any set that is closed, so
 * any result of barrier.pml and ephemeron.pml.
 *
 * Asserted
 *   LOGICAL  no mutator gets a reference to a dead object, nor to one that
 *            leads to a dead object, nor to what was born in its place
 *   VISIBLE  the short reference gives its object iff it was marked at
 *            TERMINATE; the long one and an entry are there iff the object,
 *            or the key, is marked; and what was once found absent is never
 *            marked later
 *   QUIET    no mutator holds an object that is on its way to being marked
 *   ONCE     what is found to be finalized was white at TERMINATE, and all
 *            that was white then is found, unless a look came before
 *   SAFE     what is freed is out of reach of mutators
 *   DROPPED  what is freed is mentioned by no weak thing
 *   LOST     an entry whose key is marked stays in the table
 *   REVIVED  an object taken back is not destroyed
 *   STUCK    nobody waits for ever, and what is white is freed in the end
 *
 * Sizes     N objects, E entries, M mutators, LOOKS by all, STORES to fields
 * Parts     SHORT, LONG: a reference of the kind; ENTRIES; FINALIZERS;
 *           MERGE: an entry may move to another store, which may have been
 *           looked at; PUT: a mutator may add an entry; REVIVE: a host has
 *           the address of object N, a leaf, in a table of its own, from
 *           which the destroy hook removes it
 * Mutants   every MUT_ below.  -DTALK says what happens.
 * ------------------------------------------------------------------------ */

#ifndef N
#define N 4
#endif
#ifndef E
#define E 1
#endif
#ifndef M
#define M 2
#endif
#ifndef LOOKS
#define LOOKS 2
#endif
#ifndef STORES
#define STORES 0
#endif

#ifdef TALK
#define SAY(...) ; printf(__VA_ARGS__)
#else
#define SAY(...)
#endif

#if M == 1
#define EVERY(p) (p(0))
#define HELD (held[0] | 1)
#else
#define EVERY(p) (p(0) && p(1))
#define HELD (held[0] | held[1] | 1)
#endif

#define BIT(o)      (1 << ((o) - 1))
#define ALL         ((1 << (N)) - 1)
#define HAS(set, o) (((set) & BIT(o)) != 0)

/* ---- memory; sets of objects are bit sets ---- */
byte fld[N + 1];
byte marked = 1;
byte live0;                             /* what was marked at TERMINATE        */
byte young;                             /* born in memory that was freed       */
byte freed;                             /* freed at some time                  */
#define ALIVE       (marked | young)
#define IS_DEAD(o)  (!HAS(ALIVE, o))

/* ---- weak things; what they were at TERMINATE ---- */
byte short_ref, long_ref, short0, long0;
byte key[E], val[E];                    /* each entry is in a store of its own */
byte had;                               /* keys                                */
byte put;                               /* keys that were put in later         */
byte listed;                            /* stores to be looked at, bit 0 on    */
byte waiting[N + 1];                    /* values of a KEYED key               */
byte unscanned;                         /* registrations                       */
byte found, ready;                      /* finalizable objects                 */
byte absent;                            /* a look has found them to be gone    */
bool looked;                            /* a look has brought something back   */
#ifdef REVIVE
bool hosted = true, host_lock;          /* N is in the host's own table        */
bool destroyed;                         /* its hook is run                     */
bool held_block;                        /* its block is off its list           */
#define TAKEN_OFF   held_block
#else
#define TAKEN_OFF   true
#endif

/* Never set: they name an assertion in what spin reports of it. */
bool LOGICAL, VISIBLE, QUIET, ONCE, SAFE, DROPPED, LOST, REVIVED, STUCK;

/* ---- the cycle ---- */
mtype = { WEAK, FINALIZE, SWEEP };
mtype phase = WEAK;
#define EARLY 0
#define FINAL 1
#define LATE  2
byte stage;
byte stack;                             /* visited, to be marked               */
bool settle_lock, may_sweep;
bool early_done, long_done;
byte visited;                           /* of what was found                   */

/* ---- mutators ---- */
#define IDLE    0
#define LOCK    1                       /* has read WEAK                       */
#define LOAD    2                       /* may look                            */
#define ANSWER  3                       /* has loaded got and value            */
#define BRIEFLY 1                       /* at the short reference              */
#define LONGER  2                       /* at the long one                     */
#define FIND    3                       /* for an entry, by its key's content  */
#define GET     4                       /* for an entry, its key in hand       */
#define ITERATE 5
#define MOVE    6                       /* an entry to another store           */
#define PUT_IN  7
#define TAKE    8                       /* what the host's own table has       */
byte pc[M], kind[M], want[M], got[M], value[M];
bool settles[M];                        /* has read WEAK                       */
byte held[M];
byte looks, stores;
#define AT_REST(i) (pc[i] == IDLE)
/* may i load what it does not hold, from o, from anything? */
#define LOADS(i, o) (HAS(held[i] | 1, o) && fld[o] != 0 && !HAS(held[i], fld[o]))
#define CAN_LOAD(i) (LOADS(i, 1) || LOADS(i, 2) || LOADS(i, 3) || LOADS(i, N))

inline pick(x, set) {
	x = 1;
	do
	:: HAS(set, x) -> break
	:: ((set) >> x) != 0 -> x++
	od
}
inline lowest(x, set) {
	x = 1;
	do
	:: HAS(set, x) -> break
	:: else -> x++
	od
}

/* reach = what reach leads to, through fields, and entries whose keys are in it */
inline close(reach, old, x) {
	do
	:: old = reach;
		for (x : 1 .. N) {
			if
			:: HAS(reach, x) && fld[x] != 0 -> reach = reach | BIT(fld[x])
			:: else -> skip
			fi
		}
		for (x : 0 .. E - 1) {
			if
			:: key[x] != 0 && HAS(reach, key[x]) && val[x] != 0 -> reach = reach | BIT(val[x])
			:: else -> skip
			fi
		}
		if
		:: old == reach -> break
		:: else -> skip
		fi
	od;
	old = 0; x = 0
}

/* marks x; what waits for it, and its field, are visited */
inline mark(x) {
	stack = stack & ~BIT(x);
	if
	:: HAS(marked, x) -> skip
	:: else ->
		assert(VISIBLE || !HAS(absent, x));
		assert(QUIET || !HAS(HELD, x));
		assert(SAFE || !HAS(freed, x));
		marked = marked | BIT(x)
		SAY("  marks %d\n", x);
#ifndef MUT_NO_KEYED
		stack = stack | waiting[x];
#endif
		waiting[x] = 0;
		if
		:: fld[x] != 0 -> stack = stack | BIT(fld[x])
		:: else -> skip
		fi
	fi
}

/* before a look shows anything, what has been begun is marked to the end */
inline catch_up(x) {
	do
#ifdef MUT_NO_CATCH_UP
	:: false
#else
	:: stage == FINAL && stack != 0 ->
		lowest(x, stack);
		mark(x)
#endif
#ifdef MUT_CATCH_UP_QUANTUM
		; break
#endif
	:: else -> break
	od;
	x = 0
}

/* yes = may o be shown?  If it is dead it is brought back, while that is possible */
inline reveal(o, yes, x) {
	if
	:: !IS_DEAD(o) -> yes = true; catch_up(x)
	:: else ->
		if
		:: stage == EARLY ->
#ifndef MUT_NO_EARLY_FIRST
			if
			:: short_ref != 0 && IS_DEAD(short_ref) -> short_ref = 0
			:: else -> skip
			fi;
#endif
			early_done = true;
			stage = FINAL
		:: else -> skip
		fi;
		yes = (stage == FINAL && phase == WEAK);
		if
		:: yes ->
			looked = true;
			mark(o);
			catch_up(x)
		:: else -> skip
		fi
	fi
}

/* mutator i gets a reference */
inline get(i, o, reach, old, x) {
	reach = BIT(o);
	close(reach, old, x);
	assert(LOGICAL || (reach & ~ALIVE) == 0 && (reach & stack & ~marked) == 0);
	held[i] = held[i] | BIT(o);
	reach = 0
}
/* ... from something that referred to it at TERMINATE, if it is not in hand */
inline get_old(i, o, reach, old, x) {
	assert(LOGICAL || !HAS(freed & ~held[i] & ~put, o));
	get(i, o, reach, old, x)
}

proctype mutator(byte i)
{
	byte o, x, reach, old;
	bool yes;
end:
	do
	/* loads a field */
	:: atomic { pc[i] == IDLE && CAN_LOAD(i) ->
		pick(o, held[i] | 1);
		if
		:: LOADS(i, o) -> d_step { o = fld[o]; get(i, o, reach, old, x) }
			SAY("  m%d: loads %d\n", i, o)
		:: else -> skip
		fi;
		o = 0
	   }
	/* stores to a field */
	:: atomic { pc[i] == IDLE && stores < STORES && held[i] != 0 ->
		stores++;
		pick(o, held[i]);
		if
		:: fld[o] = 0
		:: pick(x, held[i]); fld[o] = x
		fi
		SAY("  m%d: stores %d to %d\n", i, fld[o], o);
		o = 0; x = 0
	   }
	/* takes from the queue of finalizers */
	:: atomic { pc[i] == IDLE && ready != 0 ->
		d_step {
		lowest(o, ready);
		ready = ready & ~BIT(o)
		SAY("  m%d: finalizes %d\n", i, o);
		get(i, o, reach, old, x);
		o = 0
		}
	   }
	/* is given memory that was freed */
	:: atomic { pc[i] == IDLE && (freed & ~young) != 0 && looks < LOOKS ->
		lowest(o, freed & ~young);
		young = young | BIT(o);
		held[i] = held[i] | BIT(o)
		SAY("  m%d: gives birth to %d\n", i, o);
		o = 0
	   }

	/* begins a look */
	:: atomic { pc[i] == IDLE && looks < LOOKS ->
		if
#ifdef SHORT
		:: kind[i] = BRIEFLY
#endif
#ifdef LONG
		:: kind[i] = LONGER
#endif
#ifdef ENTRIES
		:: had != 0 -> kind[i] = FIND; pick(o, had); want[i] = o
		:: (held[i] & had) != 0 -> kind[i] = GET; pick(o, held[i] & had); want[i] = o
		:: kind[i] = ITERATE
#endif
#ifdef MERGE
		:: kind[i] = MOVE
#endif
#ifdef PUT
		:: (held[i] & ~had) != 0 -> kind[i] = PUT_IN; pick(o, held[i] & ~had); want[i] = o
#endif
#ifdef MUT_NO_HOST_LOCK
		:: hosted -> kind[i] = TAKE
#elif defined(REVIVE)
		:: hosted && !host_lock -> kind[i] = TAKE; host_lock = true
#endif
		:: looks == LOOKS -> skip
		fi;
		looks++; o = 0;
#ifdef MUT_NO_TEST
		settles[i] = false;
#else
		settles[i] = (phase == WEAK);
#endif
#ifdef MUT_NO_LOCK
		pc[i] = LOAD
#else
		pc[i] = (settles[i] -> LOCK : LOAD)
#endif
	   }
	:: atomic { pc[i] == LOCK && !settle_lock -> settle_lock = true; pc[i] = LOAD }

	/* loads what it looks at */
	:: atomic { pc[i] == LOAD ->
		d_step {
		if
		:: kind[i] == BRIEFLY -> got[i] = short_ref
		:: kind[i] == LONGER -> got[i] = long_ref
		:: kind[i] == FIND || kind[i] == GET ->
			for (x : 0 .. E - 1) {
				if
				:: key[x] == want[i] -> got[i] = key[x]; value[i] = val[x]
				:: else -> skip
				fi
			}
		:: kind[i] == ITERATE ->
			if
			:: settles[i] -> catch_up(x)
			:: else -> skip
			fi;
			for (x : 0 .. E - 1) {
				if
				:: key[x] != 0 && !(settles[i] && IS_DEAD(key[x])) -> got[i] = key[x]; value[i] = val[x]
				:: else -> skip
				fi
			}
#ifdef REVIVE
		:: kind[i] == TAKE && hosted -> got[i] = N
#endif
		:: else -> skip
		fi;
		x = 0;
		pc[i] = ANSWER
		}
		SAY("  m%d: look %d for %d loads %d, %d\n", i, kind[i], want[i], got[i], value[i])
	   }

	/* answers */
	:: atomic { pc[i] == ANSWER ->
		d_step {
		o = got[i];
		if
		:: o == 0 -> skip
#ifdef REVIVE
		:: o != 0 && kind[i] == TAKE && !settles[i] ->
			yes = !IS_DEAD(o);
			if
#if defined(MUT_REVIVE_PLAIN)
			:: !yes && !held_block -> yes = true; marked = marked | BIT(o)
#else
			:: !yes && !held_block && !destroyed -> yes = true; marked = marked | BIT(o)
#endif
			:: else -> skip
			fi
#endif
		:: o != 0 && settles[i] && kind[i] == BRIEFLY && IS_DEAD(o) -> skip
		:: o != 0 && settles[i] && !(kind[i] == BRIEFLY && IS_DEAD(o)) && kind[i] != GET && kind[i] != ITERATE ->
			reveal(o, yes, x)
		:: else -> yes = true
		fi;
		got[i] = (yes -> o : 0);
		value[i] = (yes -> value[i] : 0);
		if
		:: kind[i] == MOVE && key[0] == 0 && key[E - 1] != 0 ->
			key[0] = key[E - 1]; val[0] = val[E - 1];
			key[E - 1] = 0; val[E - 1] = 0;
#ifndef MUT_MERGE_UNLISTED
			if
			:: settles[i] -> listed = listed | 1
			:: else -> skip
			fi
#endif
		:: kind[i] == PUT_IN && key[0] == 0 ->
			key[0] = want[i]; val[0] = want[i];
			had = had | BIT(want[i]); put = put | BIT(want[i]);
			if
			:: settles[i] -> listed = listed | 1
			:: else -> skip
			fi
		:: else -> skip
		fi;
		if
		:: got[i] != 0 -> o = got[i]; get_old(i, o, reach, old, x)
		:: else -> skip
		fi;
		if
		:: value[i] != 0 -> o = value[i]; get_old(i, o, reach, old, x)
		:: else -> skip
		fi;
		assert(VISIBLE || kind[i] != BRIEFLY || (got[i] != 0) == (short0 != 0 && HAS(live0, short0)));
		if
		:: kind[i] == LONGER && got[i] == 0 && long0 != 0 -> absent = absent | BIT(long0)
		:: (kind[i] == FIND || kind[i] == GET) && got[i] == 0 -> absent = absent | BIT(want[i])
		:: else -> skip
		fi;
		assert(VISIBLE || (absent & marked) == 0)
		}
		SAY("  m%d: the answer is %d, %d\n", i, got[i], value[i]);
		if
		:: settles[i] -> settle_lock = false
		:: else -> skip
		fi;
#ifdef REVIVE
		if
		:: kind[i] == TAKE -> host_lock = false
		:: else -> skip
		fi;
#endif
		o = 0; yes = false; settles[i] = false;
		got[i] = 0; value[i] = 0; want[i] = 0; kind[i] = 0;
		pc[i] = IDLE
	   }
	od
}

/* what is white becomes free, once that is allowed */
proctype sweeper()
{
	byte o, x, reach, old;
end:
	do
#ifdef REVIVE
	:: atomic { may_sweep && !held_block -> held_block = true }
#endif
	:: atomic { may_sweep && TAKEN_OFF && (ALL & ~ALIVE & ~freed) != 0 ->
		pick(o, ALL & ~ALIVE & ~freed);
		reach = HELD | ready;
		d_step {
		close(reach, old, x);
		assert(SAFE || !HAS(reach | found | stack, o));
		assert(DROPPED || short_ref != o && long_ref != o && waiting[o] == 0 && !HAS(unscanned, o));
		for (x : 0 .. E - 1) {
			assert(DROPPED || key[x] != o && val[x] != o)
		}
		for (x : 1 .. N) {
			assert(DROPPED || !HAS(waiting[x], o))
		}
		freed = freed | BIT(o);
		fld[o] = 0;
		reach = 0; x = 0
		}
		SAY("  frees %d\n", o);
		o = 0
	   }
	od
}

/* c is loaded, and tested, one after the other */
inline test(c, dead, ref) {
	c = ref;
	dead = (c != 0 && IS_DEAD(c))
}

#define QUANTUM(guard) atomic { guard && phase == WEAK && !settle_lock && stack == 0 -> settle_lock = true }
#define RELEASE settle_lock = false

proctype collector()
{
	byte x, c, e;
	bool dead;
	do
	/* WEAK: what was visited is marked before anything else is done */
	:: atomic { phase == WEAK && !settle_lock && stack != 0 -> lowest(x, stack); mark(x); x = 0 }

	:: QUANTUM(stage == EARLY && !early_done);
		test(c, dead, short_ref);
		if
		:: dead -> short_ref = 0
		:: else -> skip
		fi;
		atomic { early_done = true; c = 0; dead = false; RELEASE }
	:: QUANTUM(stage == EARLY && early_done);
		atomic { stage = FINAL; RELEASE }

#ifdef MUT_VISIT_WHILE_SCANNING
	:: atomic { QUANTUM(stage == FINAL && (found & ~visited) != 0);
		lowest(x, found & ~visited);
		visited = visited | BIT(x); stack = stack | BIT(x);
		x = 0; RELEASE }
#endif
	:: QUANTUM(stage == FINAL && unscanned != 0);
		atomic {
			lowest(x, unscanned);
			unscanned = unscanned & ~BIT(x);
			if
			:: IS_DEAD(x) -> found = found | BIT(x);
				assert(ONCE || !HAS(live0, x))
				SAY("  finds %d\n", x)
			:: else -> assert(ONCE || HAS(live0, x) || looked)
			fi;
			x = 0; RELEASE
		}
	:: QUANTUM(stage == FINAL && unscanned == 0 && (found & ~visited) != 0);
		atomic {
			lowest(x, found & ~visited);
			visited = visited | BIT(x);
			stack = stack | BIT(x);
#ifdef MUT_QUEUE_EARLY
			ready = ready | BIT(x);
#endif
			x = 0; RELEASE
		}
	:: QUANTUM(stage == FINAL && unscanned == 0 && (found & ~visited) == 0);
		atomic {
#ifndef MUT_QUEUE_EARLY
			ready = found;
#endif
			found = 0; stage = LATE; RELEASE
		}

	:: QUANTUM(stage == LATE && !long_done);
		test(c, dead, long_ref);
		if
		:: dead -> long_ref = 0
		:: else -> skip
		fi;
		atomic { long_done = true; c = 0; dead = false; RELEASE }
	:: QUANTUM(stage == LATE && long_done && listed != 0);
		atomic {
			e = (listed & 1 -> 0 : 1);
			listed = listed & ~(1 << e)
		};
		test(c, dead, key[e]);
#ifdef MUT_LISTED_DIE
		dead = (c != 0);
#endif
		if
		:: dead -> key[e] = 0; val[e] = 0
		:: else -> skip
		fi;
		atomic { c = 0; e = 0; dead = false; RELEASE }
#ifdef MUT_PHASE_FIRST
	:: QUANTUM(stage == LATE && !long_done);
		atomic { phase = FINALIZE; RELEASE };
		test(c, dead, long_ref);
		if
		:: dead -> long_ref = 0
		:: else -> skip
		fi;
		for (e : 0 .. E - 1) {
			test(c, dead, key[e]);
			if
			:: dead -> key[e] = 0; val[e] = 0
			:: else -> skip
			fi
		}
		atomic { for (x : 1 .. N) { waiting[x] = 0 } c = 0; x = 0; e = 0; dead = false }
#endif
	:: QUANTUM(stage == LATE && long_done && listed == 0);
		atomic {
			for (x : 1 .. N) {
				waiting[x] = 0
			}
			x = 0;
			phase = FINALIZE
			SAY("  WEAK is over\n");
			RELEASE
		}

	/* FINALIZE */
	:: phase == FINALIZE ->
#ifdef REVIVE
		dead = IS_DEAD(N);
		atomic {
			if
			/* a compare-and-swap */
			:: dead && IS_DEAD(N) -> destroyed = true
				SAY("  destroys %d\n", N)
			:: else -> dead = false
			fi
		};
		if
		:: dead -> atomic { !host_lock -> hosted = false; dead = false }
		:: else -> skip
		fi;
		assert(REVIVED || !destroyed || IS_DEAD(N));
#endif
		atomic { phase = SWEEP; may_sweep = true };
		break
	od
}

init {
	byte i, o, x, reach, old;
	atomic {
		/* a chain with gaps, of which any part that is closed is marked */
		for (o : 1 .. N - 1) {
			if
			:: fld[o] = 0
			:: fld[o] = o + 1
			fi
		}
#ifdef REVIVE
		fld[N - 1] = 0;
#endif
#ifdef SHORT
		pick(x, ALL & ~1); short_ref = x; short0 = x;
#endif
#ifdef LONG
		pick(x, ALL & ~1); long_ref = x; long0 = x;
#endif
#ifdef ENTRIES
		for (o : 0 .. E - 1) {
			pick(x, ALL & ~1 & ~had);
			key[o] = x;
			had = had | BIT(x);
			pick(x, ALL & ~1);
			val[o] = x
		}
#endif
#ifdef MERGE
		if
		:: key[0] = 0; val[0] = 0
		:: true -> skip
		fi;
		had = BIT(key[E - 1]) | (key[0] != 0 -> BIT(key[0]) : 0);
#endif
		for (o : 2 .. N) {
			if
			:: true -> marked = marked | BIT(o)
			:: true -> skip
			fi
		}
		reach = marked;
		d_step { close(reach, old, x); marked = reach; live0 = reach };
#ifdef FINALIZERS
		/* of two objects, one or both; marked ones need not be looked at */
		pick(x, ALL & ~1); unscanned = BIT(x);
		pick(x, ALL & ~1); unscanned = unscanned | BIT(x);
#endif
		for (o : 0 .. E - 1) {
			if
			:: key[o] != 0 && IS_DEAD(key[o]) ->
				listed = listed | (1 << o);
				if
				:: IS_DEAD(val[o]) -> waiting[key[o]] = waiting[key[o]] | BIT(val[o])
				:: else -> skip
				fi
			/* it was white when the table was scanned */
			:: key[o] != 0 && !IS_DEAD(key[o]) -> listed = listed | (1 << o)
			:: key[o] == 0 || !IS_DEAD(key[o]) -> skip
			fi
		}
		/* what mutators have in hand is marked */
		pick(x, live0); held[0] = BIT(x) & ~1;
#ifdef MUT_SWEEP_EARLY
		may_sweep = true;
#endif
#ifdef MUT_SAFEPOINT_IN_LOOK
		/* mutator 0 read the phase before the stop */
		pc[0] = LOAD; looks = 1;
		if
		:: kind[0] = LONGER
		:: kind[0] = ITERATE
		fi;
#endif
		o = 0; x = 0; reach = 0;
		run collector();
		run sweeper();
		do
		:: i < M -> run mutator(i); i++
		:: i == M -> break
		od;
		i = 0
	};
	/* nothing can move any more */
	atomic { timeout ->
		assert(STUCK || phase == SWEEP && EVERY(AT_REST) && !settle_lock);
		assert(STUCK || (ALL & ~ALIVE & ~freed) == 0);
		for (o : 0 .. E - 1) {
			assert(DROPPED || key[o] == 0 || !IS_DEAD(key[o]) && !IS_DEAD(val[o]))
		}
		for (o : 2 .. N) {
			if
			:: HAS(had & marked, o) ->
				for (x : 0 .. E - 1) {
					if
					:: key[x] == o -> reach = 1
					:: else -> skip
					fi
				}
				assert(LOST || reach == 1);
				reach = 0
			:: else -> skip
			fi
		}
		o = 0; x = 0
	}
}
