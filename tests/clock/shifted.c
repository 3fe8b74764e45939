/*
 * Runs a program whose clock of the day is off, as a machine's may be: shifted MILLISECONDS PROGRAM [ARGUMENT …], less than a second
 * either way. A library that is loaded before others cannot do that to a program of Go, which asks the kernel's vDSO by itself, and
 * `unshare --time` leaves this clock alone. So the vDSO's function is replaced in that one process, before its first instruction:
 * everything else in it, and every other process, sees the time as it was.
 *
 * Linux on x86-64. It ends as the program does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* int clock_gettime(clockid_t edi, struct timespec *rsi): the kernel's answer, moved where CLOCK_REALTIME was asked for. */
__asm__(
	".pushsection .rodata\n"
	"function:\n"
	"	movl $228, %eax\n" /* clock_gettime */
	"	syscall\n"
	"	testl %edi, %edi\n" /* CLOCK_REALTIME */
	"	jnz 3f\n"
	"	movq nanoseconds(%rip), %rcx\n"
	"	addq 8(%rsi), %rcx\n"
	"	cmpq $1000000000, %rcx\n"
	"	jl 1f\n"
	"	subq $1000000000, %rcx\n"
	"	incq (%rsi)\n"
	"1:	testq %rcx, %rcx\n"
	"	jns 2f\n"
	"	addq $1000000000, %rcx\n"
	"	decq (%rsi)\n"
	"2:	movq %rcx, 8(%rsi)\n"
	"3:	ret\n"
	"nanoseconds: .quad 0\n"
	"end_of_function:\n"
	".popsection\n");

extern const unsigned char function[], nanoseconds[], end_of_function[];

static void
fail(const char *what)
{
	perror(what);
	exit(126);
}

/* Where the vDSO lies in another process. */
static uintptr_t
vdso_of(pid_t process)
{
	char file[64];
	ElfW(auxv_t) entry;
	int auxv;

	snprintf(file, sizeof file, "/proc/%d/auxv", (int) process);
	auxv = open(file, O_RDONLY);
	while (auxv >= 0 && read(auxv, &entry, sizeof entry) == sizeof entry)
		if (entry.a_type == AT_SYSINFO_EHDR)
			return entry.a_un.a_val;
	fail(file);
	return 0;
}

static void
shift(pid_t process, int64_t by)
{
	void *vdso = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);
	char *own = vdso == NULL ? NULL : dlsym(vdso, "__vdso_clock_gettime");
	size_t size = (size_t) (end_of_function - function);
	unsigned char code[256];
	char file[64];
	ElfW(Sym) *symbol;
	Dl_info info;
	uintptr_t at;
	int memory;

	if (own == NULL || dladdr1(own, &info, (void **) &symbol, RTLD_DL_SYMENT) == 0)
		fail("the vDSO has no clock_gettime");
	if (symbol->st_size < size || sizeof code < size)
		fail("the vDSO's function is shorter than ours");
	memcpy(code, function, size);
	memcpy(code + (nanoseconds - function), &by, sizeof by);
	at = vdso_of(process) + (uintptr_t) own - getauxval(AT_SYSINFO_EHDR);
	snprintf(file, sizeof file, "/proc/%d/mem", (int) process);
	memory = open(file, O_RDWR);
	if (memory < 0 || pwrite(memory, code, size, (off_t) at) != (ssize_t) size)
		fail(file);
	close(memory);
}

int
main(int count, char **arguments)
{
	long milliseconds = count > 2 ? strtol(arguments[1], NULL, 10) : 0;
	pid_t process;
	int status;

	if (milliseconds == 0 || labs(milliseconds) >= 1000) {
		fputs("usage: shifted MILLISECONDS PROGRAM [ARGUMENT ...]; from -999 to 999, and not 0\n", stderr);
		return 126;
	}
	process = fork();
	if (process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			fail("ptrace");
		execvp(arguments[2], arguments + 2);
		fail(arguments[2]);
	}
	/* It stops once its program is loaded. */
	if (process < 0 || waitpid(process, &status, 0) < 0)
		fail("fork");
	if (WIFSTOPPED(status)) {
		shift(process, (int64_t) milliseconds * 1000000);
		if (ptrace(PTRACE_DETACH, process, NULL, NULL) != 0 || waitpid(process, &status, 0) < 0)
			fail("ptrace");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
