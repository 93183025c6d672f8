//! From reset to `jobs_main`: statics are set up, and a fault ends the emulation with status 102. The same in every program, so that it
//! cancels out where programs are compared.

use core::arch::global_asm;

#[cfg(target_arch = "arm")]
global_asm!(
    r#"
    .syntax unified
    .section .vectors,"a",%progbits
    .word __stack_top
    .word jobs_reset
    .rept 14
    .word jobs_fault
    .endr
    .section .jobs_reset,"ax",%progbits
    .global jobs_reset
    .type jobs_reset,%function
    .thumb_func
jobs_reset:
    ldr r0,=__data_start
    ldr r1,=__data_end
    ldr r2,=__data_load
1:  cmp r0,r1
    bhs 2f
    ldr r3,[r2]
    str r3,[r0]
    adds r0,#4
    adds r2,#4
    b 1b
2:  ldr r0,=__bss_start
    ldr r1,=__bss_end
    movs r2,#0
3:  cmp r0,r1
    bhs 4f
    str r2,[r0]
    adds r0,#4
    b 3b
4:  bl jobs_main
    .type jobs_fault,%function
    .thumb_func
jobs_fault:
    ldr r0,=0x20
    ldr r1,=jobs_fault_block
    bkpt 0xab
    b jobs_fault
    .align 2
jobs_fault_block: .word 0x20026, 102
    .pool
"#
);

#[cfg(target_arch = "riscv32")]
global_asm!(
    r#"
    .section .jobs_reset,"ax",@progbits
    .global jobs_reset
jobs_reset:
    la sp, __stack_top
    la t0, jobs_fault
    csrw mtvec, t0
    la a0, __data_start
    la a1, __data_end
    la a2, __data_load
1:  bgeu a0, a1, 2f
    lw a3, 0(a2)
    sw a3, 0(a0)
    addi a0, a0, 4
    addi a2, a2, 4
    j 1b
2:  la a0, __bss_start
    la a1, __bss_end
3:  bgeu a0, a1, 4f
    sw zero, 0(a0)
    addi a0, a0, 4
    j 3b
4:  call jobs_main
    .balign 4
jobs_fault:
    li a0, 0x20
    la a1, jobs_fault_block
    .balign 16
    .option push
    .option norvc
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    .option pop
    j jobs_fault
    .balign 4
jobs_fault_block: .word 0x20026, 102
"#
);

/// A program that could panic would show it: the handler is in its symbol table, with what leads there.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    crate::host::exit(101)
}
